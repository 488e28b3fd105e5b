"""Labels: whatever a column or a folder calls its classes, as text in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dix.errors import BadData


def read_labels(column: pa.Array[Any], uri: str, name: str, first_row: int = 0) -> NDArray[Any]:
    """A label column as an object array of texts: whole numbers, booleans and texts alike.

    Raises BadData naming the column for missing labels and for numbers that are not whole.
    """
    if column.null_count:
        raise _complain(uri, name, first_row + int(pc.index(pc.is_null(column), value=True).as_py()))
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind):
        column = _to_whole_numbers(column, uri, name, first_row)
    elif not _is_label_type(kind):
        raise BadData(uri, f"column {name} is of type {kind}, which is no label", "labels are text or whole numbers")
    labels = np.asarray(column.cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object)
    empty = np.flatnonzero(labels == "")
    if len(empty):
        raise _complain(uri, name, first_row + int(empty[0]))
    return labels


def sort_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """The distinct labels in their fixed order: by number where all are whole numbers, by text otherwise."""
    distinct = set(labels)
    if all(label.isascii() and label.isdigit() for label in distinct):
        return tuple(sorted(distinct, key=lambda label: (int(label), label)))
    return tuple(sorted(distinct))


def find_targets(labels: NDArray[Any], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each label among the classes; -1 where it is none of them."""
    place = {label: i for i, label in enumerate(classes)}
    return np.fromiter((place.get(label, -1) for label in labels), dtype=np.int64, count=len(labels))


def _complain(uri: str, name: str, row: int) -> BadData:
    return BadData(uri, f"column {name} has no label in row {row}", "fill it in, or leave the row out")


def _to_whole_numbers(column: Any, uri: str, name: str, first_row: int) -> Any:
    values = np.asarray(column.to_numpy(zero_copy_only=False))
    broken = np.flatnonzero(~np.isfinite(values) | (values != np.floor(values)))
    if len(broken):
        got = values[broken[0]]
        raise BadData(
            uri, f"column {name} has the value {got} in row {first_row + int(broken[0])}, which is no class",
            "a class is a text or a whole number",
        )  # fmt: skip
    return pa.array(values.astype(np.int64))


def _is_label_type(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
    )
