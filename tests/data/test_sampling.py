"""A sample has the size that was asked for, and each group its share of it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dix.data.sampling import choose_sample


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.data(), st.integers(0, 9))
def test_sizes_are_exact_and_shares_are_kept(groups: list[int], data: st.DataObject, seed: int) -> None:
    array = np.array(groups)
    count = data.draw(st.integers(0, len(groups)))
    chosen = choose_sample(array, count, seed)
    assert chosen.sum() == count
    for group in set(groups):
        mine = array == group
        assert abs(chosen[mine].sum() - mine.sum() * count / len(groups)) < 1
    np.testing.assert_array_equal(choose_sample(array, count, seed), chosen)


def test_every_example_has_the_same_chance() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1])
    often = sum(choose_sample(groups, 2, seed).astype(int) for seed in range(600))
    assert np.all((often > 140) & (often < 260))
