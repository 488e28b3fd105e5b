"""Scales agree with scikit-learn's, and can be undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from dix.data.scaling import METHODS, apply_scales, learn_scales

NUMBERS = st.lists(st.integers(-(10**6), 10**6).map(lambda whole: whole / 64), min_size=2, max_size=60)


def cut(numbers: list[float], size: int) -> list[pa.RecordBatch]:
    return [pa.record_batch({"x": pa.array(numbers[i : i + size], pa.float64())}) for i in range(0, len(numbers), size)]


@pytest.mark.parametrize(
    ("method", "other"), [("zscore", StandardScaler), ("minmax", MinMaxScaler), ("robust", RobustScaler)]
)
@given(numbers=NUMBERS, size=st.integers(1, 20))
def test_it_agrees_with_another_implementation_and_can_be_undone(
    method: str, other: Any, numbers: list[float], size: int
) -> None:
    batches = cut(numbers, size)
    scales = learn_scales(batches, ["x"], method)
    found = np.concatenate([apply_scales(batch, scales).column("x").to_numpy() for batch in batches])
    if scales["x"].width:
        np.testing.assert_allclose(found, other().fit_transform(np.array(numbers)[:, None])[:, 0], atol=1e-6)
        np.testing.assert_allclose(found * scales["x"].width + scales["x"].center, numbers, atol=1e-6)
    else:
        assert not found.any()


def test_great_numbers_lose_nothing() -> None:
    scale = learn_scales(cut([1e9, 1e9 + 1, 1e9 + 2], 1), ["x"], "zscore")["x"]
    assert scale.width == pytest.approx(np.std([0, 1, 2]), rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_missing_is_counted_and_stays(method: str) -> None:
    batch = pa.record_batch({"x": pa.array([1.0, None, float("nan"), 3.0])})
    scales = learn_scales([batch], ["x"], method)
    assert scales["x"].missing == 2
    scaled = apply_scales(batch, scales).column("x")
    assert scaled.null_count == 1
    assert np.isnan(scaled[2].as_py())


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_column_becomes_zero(method: str) -> None:
    batch = pa.record_batch({"x": [0.1] * 7})
    assert apply_scales(batch, learn_scales([batch], ["x"], method)).column("x").to_pylist() == [0.0] * 7
