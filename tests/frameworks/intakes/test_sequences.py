"""Sequences are filled up to the longest, each channel at one scale."""

from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.intakes.sequences import fit_sequences


def make(*rows: object) -> np.ndarray:
    each = np.empty(len(rows), dtype=object)
    each[:] = [np.array(row, np.float32) for row in rows]
    return each


def test_each_row_keeps_its_length() -> None:
    intake = fit_sequences(make([0, 4], [4, 0, 0, 4]), max_length=3)
    assert intake.inputs == (TensorSpec("sequence", "FP32", (-1, -1)),)
    assert intake.mean == (1.6,)
    tensors = intake.prepare({"sequence": make([1.6], [1.6, 1.6, 1.6, 9])})
    assert tensors["lengths"].tolist() == [1, 3]
    assert tensors["sequence"].shape == (2, 3, 1)
    assert np.allclose(tensors["sequence"], 0, atol=1e-6)


def test_each_channel_has_its_scale() -> None:
    intake = fit_sequences(make([[0, 5], [2, 5]]), max_length=9)
    assert intake.inputs == (TensorSpec("sequence", "FP32", (-1, -1, 2)),)
    assert intake.prepare({"sequence": np.array([[[0, 6], [2, 5]]])})["sequence"].tolist() == [[[-1, 1], [1, 0]]]


def test_a_row_without_steps_is_refused() -> None:
    intake = fit_sequences(make([0, 4]), max_length=3)
    with pytest.raises(BadValue, match="sequence: expected one step or more in each row, got 'none in row 1'"):
        intake.prepare({"sequence": make([1], [])})
