"""Dividing is fair, complete and the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from dix.data.dividing import divide


def test_each_class_is_divided_in_proportion() -> None:
    groups = np.repeat(np.arange(3), (100, 50, 10))
    parts = divide(groups, (0.8, 0.1, 0.1), seed=1)
    counts = [[int(((parts == part) & (groups == group)).sum()) for part in range(3)] for group in range(3)]
    assert counts == [[80, 10, 10], [40, 5, 5], [8, 1, 1]]


def test_the_seed_decides() -> None:
    groups = np.zeros(100, np.int64)
    assert np.array_equal(divide(groups, (0.5, 0.5), 1), divide(groups, (0.5, 0.5), 1))
    assert not np.array_equal(divide(groups, (0.5, 0.5), 1), divide(groups, (0.5, 0.5), 2))


@pytest.mark.parametrize("count", range(12))
def test_nothing_is_lost_by_rounding(count: int) -> None:
    parts = divide(np.zeros(count, np.int64), (0.7, 0.15, 0.15), seed=0)
    sizes = np.bincount(parts, minlength=3)
    assert sizes.sum() == count
    assert (np.abs(sizes - count * np.array([0.7, 0.15, 0.15])) < 1).all()


def test_a_single_example_is_for_training() -> None:
    assert divide(np.array([0]), (0.9, 0.1), seed=0)[0] == 0
