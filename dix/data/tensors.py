"""Turn columns of a table into arrays: lists of numbers, tensors, and encoded images."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dix.data.images import decode_image
from dix.data.media import Medium
from dix.errors import BadData


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Where a piece of a column comes from, for sentences: the file, the column, the row that the piece begins at."""

    uri: str
    column: str
    first_row: int = 0

    def complain(self, row: int, what: str, todo: str = "") -> BadData:
        """BadData about one row of the piece."""
        return BadData(self.uri, f"column {self.column}, row {self.first_row + row}: {what}", todo)


def holds_encoded_images(kind: pa.DataType) -> bool:
    """Whether a column holds files: their bytes, or a struct {bytes, path} of them."""
    if pa.types.is_struct(kind):
        return any(kind.field(i).name == "bytes" for i in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def holds_lists(kind: pa.DataType) -> bool:
    """Whether a column holds numbers in lists, however nested, or tensors."""
    if isinstance(kind, pa.BaseExtensionType):
        return holds_lists(kind.storage_type)
    return _is_list(kind)


def decode_column(column: Any, place: ColumnPlace, colours: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """The images of a column of encoded files, one after the other; BadData names the row."""
    if pa.types.is_struct(column.type):
        column = pc.struct_field(column, "bytes")
    for row, content in enumerate(column):
        if not content.is_valid:
            raise place.complain(row, "there is no image")
        name = f"{place.uri}, column {place.column}, row {place.first_row + row}"
        yield decode_image(content.as_buffer().to_pybytes(), name, colours)


def read_media_column(column: Any, place: ColumnPlace, medium: Medium) -> list[NDArray[Any]]:
    """The sounds or clips of a column, as encoded files or as lists of numbers; BadData names the row."""
    names = [f"{place.uri}, column {place.column}, row {place.first_row + row}" for row in range(len(column))]
    if holds_encoded_images(column.type):
        if pa.types.is_struct(column.type):
            column = pc.struct_field(column, "bytes")
        if column.null_count:
            raise place.complain(int(pc.index(pc.is_null(column), value=True).as_py()), f"there is no {medium.word}")
        return [
            medium.decode([content.as_buffer().to_pybytes()], name) for content, name in zip(column, names, strict=True)
        ]
    if not holds_lists(column.type):
        raise BadData(
            place.uri, f"column {place.column} is of type {column.type}, which is no {medium.word}",
            f"a {medium.word} is the bytes of a file, or a list of numbers",
        )  # fmt: skip
    return [medium.accept(values, name) for values, name in zip(unpack_column(column, place), names, strict=True)]


def unpack_column(column: Any, place: ColumnPlace) -> NDArray[Any] | list[NDArray[Any]]:
    """A column of numbers, lists or tensors as one array [n, ...]; as a list of arrays where their sizes differ.

    Whole numbers keep their type, decimals become float32. Raises BadData for what is missing (null, NaN), for what is
    not a number, and for lists that are no rectangle.
    """
    if isinstance(column.type, pa.FixedShapeTensorType):
        array = np.asarray(column.to_numpy_ndarray())
        return _check_numbers(array, place)
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    sizes, values, null_row = _flatten(column)
    if null_row is not None:
        raise place.complain(null_row, "a value is missing", "fill it in, or leave the row out")
    if not _is_number(values.type):
        raise BadData(place.uri, f"column {place.column} holds {values.type}, numbers were expected")
    if sizes is None:
        return [_row_array(column[row], place, row) for row in range(len(column))]
    array = np.asarray(values.to_numpy(zero_copy_only=False)).reshape(len(column), *sizes)
    return _check_numbers(array, place)


def to_bytes_or_floats(arrays: Sequence[NDArray[Any]]) -> np.dtype[Any]:
    """The type images of these numbers are kept in: uint8 where all are whole and 0 to 255, float32 otherwise."""
    for array in arrays:
        if array.dtype == np.uint8 or array.size == 0:
            continue
        if array.dtype.kind not in "iub" or array.min() < 0 or array.max() > 255:
            return np.dtype(np.float32)
    return np.dtype(np.uint8)


def _flatten(column: Any) -> tuple[tuple[int, ...] | None, Any, int | None]:
    """The size of each level of lists (None when they differ), the numbers, and the first row with a null."""
    sizes: list[int] = []
    rectangular, length = True, len(column)
    while _is_list(column.type):
        if column.null_count:
            return None, column, _find_row(column, length)
        if pa.types.is_fixed_size_list(column.type):
            sizes.append(column.type.list_size)
        else:
            counts = pc.list_value_length(column)
            low_high = pc.min_max(counts)
            low, high = low_high["min"].as_py() or 0, low_high["max"].as_py() or 0
            rectangular = rectangular and low == high
            sizes.append(high)
        column = column.flatten()
    if column.null_count:
        return None, column, _find_row(column, length)
    return (tuple(sizes) if rectangular else None), column, None


def _find_row(values: Any, rows: int) -> int:
    """The row that the first null belongs to, as far as the levels are of equal size."""
    index = int(pc.index(pc.is_null(values), value=True).as_py())
    return index * rows // max(1, len(values))


def _row_array(scalar: Any, place: ColumnPlace, row: int) -> NDArray[Any]:
    try:
        array = np.asarray(scalar.as_py())
    except ValueError as error:
        raise place.complain(row, "its lists are of different lengths, a rectangle was expected") from error
    checked: NDArray[Any] = _check_numbers(array[None], ColumnPlace(place.uri, place.column, place.first_row + row))[0]
    return checked


def _check_numbers(array: NDArray[Any], place: ColumnPlace) -> NDArray[Any]:
    if array.dtype.kind != "f":
        return array
    array = array.astype(np.float32, copy=False)
    if not math.isfinite(float(array.sum(dtype=np.float64))):
        rows = np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1))
        if len(rows):
            raise place.complain(int(rows[0]), "a value is NaN or infinite", "fill it in, or leave the row out")
    return array


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))
