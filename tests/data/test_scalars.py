"""Columns of single numbers and texts become arrays, with what is missing, or a sentence with the row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dix.data.scalars import read_numbers, read_texts
from dix.data.tensors import ColumnPlace
from dix.errors import BadData

PLACE = ColumnPlace("t.csv", "age", 100)


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        (pa.array([1, None, 3]), [1, np.nan, 3]),
        (pa.array([0.1, float("nan")]), [0.1, np.nan]),
        (pa.array([True, False, None]), [1, 0, np.nan]),
        (pa.array([Decimal("1.25")]), [1.25]),
        (pa.array([None, None]), [np.nan, np.nan]),
    ],
)
def test_numbers_are_double_and_a_missing_one_is_nan(column: Any, numbers: list[float]) -> None:
    np.testing.assert_array_equal(read_numbers(column, PLACE, optional=True), numbers)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["a", None, ""]), ["a", None, ""]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([7, 12]), ["7", "12"]),
        (pa.array([7.0, None, float("nan")]), ["7", None, None]),
        (pa.array([True, None]), ["true", None]),
    ],
)
def test_texts_are_objects_and_a_missing_one_is_none(column: Any, texts: list[str | None]) -> None:
    assert read_texts(column, PLACE, optional=True).tolist() == texts


@pytest.mark.parametrize(
    ("read", "column", "message"),
    [
        (read_numbers, pa.array([1, None]), r"t\.csv: column age, row 101: a value is missing; fill it in"),
        (read_texts, pa.array(["a", None]), r"t\.csv: column age, row 101: a value is missing; fill it in"),
        (read_numbers, pa.array([1, float("inf")]), "row 101: a value is infinite"),
        (read_numbers, pa.array(["a"]), "it holds string, a number was expected"),
        (read_texts, pa.array([1.0, 1.5]), "row 101: 1.5 is neither a text nor a whole number"),
        (read_texts, pa.array([[1]]), "it holds list.*, a text was expected"),
    ],
)
def test_what_is_none_is_said(read: Any, column: Any, message: str) -> None:
    with pytest.raises(BadData, match=message):
        read(column, PLACE)
