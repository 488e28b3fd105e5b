"""Columns with one number or one text a row, as arrays, where some may be missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dix.data.tensors import ColumnPlace


def holds_numbers(kind: pa.DataType) -> bool:
    """Whether a column holds one number a row; true and false are 1 and 0."""
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    )


def holds_texts(kind: pa.DataType) -> bool:
    """Whether a column holds one text a row, be they kept as a dictionary or not."""
    if pa.types.is_dictionary(kind):
        return holds_texts(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def read_numbers(column: Any, place: ColumnPlace, *, optional: bool = False) -> NDArray[np.float64]:
    """The numbers, float64 [n]; a missing one is NaN.

    Raises BadData naming the row for what is missing and not `optional`, for infinity, and for what is no number.
    """
    if not holds_numbers(column.type):
        raise place.complain(0, f"it holds {column.type}, a number was expected")
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    if np.isfinite(values).all():
        return values
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise place.complain(int(infinite[0]), "a value is infinite", "put a number there, or leave the row out")
    if not optional:
        raise _complain_missing(place, np.isnan(values))
    return values


def read_texts(column: Any, place: ColumnPlace, *, optional: bool = False) -> NDArray[Any]:
    """The texts, an object array [n]; whole numbers, true and false become texts, a missing one is None.

    Raises BadData naming the row for what is missing and not `optional`, and for what is neither.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = _to_whole_numbers(column, place)
    elif not (holds_numbers(column.type) or holds_texts(column.type)) or pa.types.is_decimal(column.type):
        raise place.complain(0, f"it holds {column.type}, a text was expected")
    texts = np.asarray(column.cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object)
    if column.null_count and not optional:
        raise _complain_missing(place, np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False)))
    return texts


def _to_whole_numbers(column: Any, place: ColumnPlace) -> Any:
    """A column of whole numbers with gaps is often stored as decimals: 3.0 is called 3, as it is without gaps."""
    values = read_numbers(column, place, optional=True)
    missing = np.isnan(values)
    broken = np.flatnonzero(~missing & (values != np.floor(values)))
    if len(broken):
        raise place.complain(int(broken[0]), f"{values[broken[0]]} is neither a text nor a whole number")
    return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)


def _complain_missing(place: ColumnPlace, missing: NDArray[np.bool_]) -> Exception:
    return place.complain(int(np.flatnonzero(missing)[0]), "a value is missing", "fill it in, or leave the row out")
