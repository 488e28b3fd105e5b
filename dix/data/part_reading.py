"""Read a fragment as batches: the columns that are kept, and the tensors that the predictor wants."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bulk import BulkOrder, WantedTensor
from dix.data.files import read_contents
from dix.data.fragments import Fragment, Piece
from dix.data.image_files import decode_files, find_class
from dix.data.media import Unit, decode_units, find_unit_path, name_unit
from dix.data.scalars import read_numbers, read_texts
from dix.data.tables import TABLE_FORMATS, check_columns, read_batches, read_schema
from dix.data.tensors import (
    ColumnPlace,
    decode_column,
    holds_encoded_images,
    holds_lists,
    read_media_column,
    unpack_column,
)
from dix.data.text_files import decode_text
from dix.data.wanted import count_colours, fit_arrays
from dix.errors import BadData
from dix.store.store import Store

# A batch of large rows is cut short at about so many bytes; for encoded images, of their files.
_BATCH_BYTES = 64 << 20
_BATCH_ENCODED_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class PartBatch:
    """Some rows: `kept` goes to the output as it is, `tensors` to the predictor."""

    kept: pa.Table
    tensors: dict[str, NDArray[Any]]


def read_fragment(store: Store, order: BulkOrder, fragment: Fragment, threads: int = 1) -> Iterator[PartBatch]:
    """The rows of a fragment in order, at most `order.batch_rows` at a time, fewer where they are large.

    `threads` decode files side by side. Raises BadData naming file, column and row.
    """
    if fragment.format in TABLE_FORMATS:
        yield from _read_tables(store, order, fragment)
    elif fragment.format == "text":
        yield from _read_text_files(store, order, fragment)
    else:
        yield from _read_files(store, order, fragment, threads)


def _read_files(store: Store, order: BulkOrder, fragment: Fragment, threads: int) -> Iterator[PartBatch]:
    """Files that are images, or whatever the model's medium is."""
    wanted = _get_only_tensor(order, "image" if order.medium is None else order.medium.word)
    units = [(piece.file, *piece.further) for piece in fragment.pieces]
    start = 0
    for group in _group_by_size(_decode_files(store, units, wanted, threads), order.batch_rows):
        its_units = units[start : start + len(group)]
        start += len(group)
        tensor = fit_arrays(group, wanted, list(map(name_unit, its_units)).__getitem__)
        yield PartBatch(_name_units(its_units, fragment), {wanted.name: tensor})


def _decode_files(store: Store, units: Sequence[Unit], wanted: WantedTensor, threads: int) -> Iterator[NDArray[Any]]:
    if wanted.medium is None:
        yield from decode_files(store, [unit[0] for unit in units], threads, count_colours(wanted))
        return
    for example in decode_units(store, units, wanted.medium, threads):
        if isinstance(example, BadData):
            raise example
        yield example


def _read_text_files(store: Store, order: BulkOrder, fragment: Fragment) -> Iterator[PartBatch]:
    wanted = _get_only_tensor(order, "text")
    if wanted.shape or wanted.dtype != "object":
        raise BadData(order.source, f"text files give a text, the model's input {wanted.name} is {wanted.dtype}")
    files = [piece.file for piece in fragment.pieces]
    for start in range(0, len(files), order.batch_rows):
        group = files[start : start + order.batch_rows]
        contents = zip(group, read_contents(store, group), strict=True)
        texts = np.array([decode_text(content, file.uri) for file, content in contents], dtype=object)
        yield PartBatch(_name_units([(file,) for file in group], fragment), {wanted.name: texts})


def _get_only_tensor(order: BulkOrder, kind: str) -> WantedTensor:
    if len(order.tensors) != 1:
        names = ", ".join(tensor.name for tensor in order.tensors)
        raise BadData(order.source, f"{kind} files give one input, the model takes {names}", "give it a table")
    return order.tensors[0]


def _name_units(units: Sequence[Unit], fragment: Fragment) -> pa.Table:
    """The columns of rows that are files: `path`, and `label` where they lie in class folders."""
    columns: dict[str, Any] = {"path": [find_unit_path(unit) for unit in units]}
    if fragment.has_classes:
        columns["label"] = [find_class(unit[0].path) for unit in units]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _group_by_size(images: Iterable[NDArray[Any]], most: int) -> Iterator[list[NDArray[Any]]]:
    group: list[NDArray[Any]] = []
    size_bytes = 0
    for image in images:
        group.append(image)
        size_bytes += image.nbytes
        if len(group) == most or size_bytes >= _BATCH_BYTES:
            yield group
            group, size_bytes = [], 0
    if group:
        yield group


def _read_tables(store: Store, order: BulkOrder, fragment: Fragment) -> Iterator[PartBatch]:
    for piece in fragment.pieces:
        schema = read_schema(store, piece.file, fragment.format)
        taken = [name for tensor in order.tensors for name in tensor.sources]
        check_columns(piece.file.uri, schema, taken)
        kept = _choose_kept(schema, order.tensors)
        columns = list(dict.fromkeys([*kept, *taken]))
        first_row = piece.first_row
        yield _make_empty(schema, kept, order.tensors)
        rows = _count_batch_rows(piece, schema, order)
        for batch in read_batches(
            store, piece.file, fragment.format, columns, row_groups=piece.row_groups, batch_rows=rows
        ):
            tensors = {
                wanted.name: _read_tensor(batch, wanted, ColumnPlace(piece.file.uri, wanted.column, first_row))
                for wanted in order.tensors
            }
            yield PartBatch(pa.Table.from_batches([batch]).select(kept), tensors)
            first_row += batch.num_rows


def _count_batch_rows(piece: Piece, schema: pa.Schema, order: BulkOrder) -> int:
    """As many rows as were asked for, fewer where a row is so large that they would not fit into memory well."""
    rows = order.batch_rows
    if piece.rows:
        rows = min(rows, max(1, _BATCH_BYTES * piece.rows // max(1, piece.size_bytes)))
    names = (name for tensor in order.tensors for name in tensor.sources)
    if any(holds_encoded_images(schema.field(name).type) for name in names):
        # Decoded, an image takes many times the bytes of its file.
        rows = min(rows, max(1, _BATCH_ENCODED_BYTES * (piece.rows or rows) // max(1, piece.size_bytes)))
    return rows


def _make_empty(schema: pa.Schema, kept: Sequence[str], tensors: Sequence[WantedTensor]) -> PartBatch:
    """No rows, but with columns: so a table without rows becomes a table without rows, and not nothing."""
    shapes = {wanted.name: [max(1, size) for size in wanted.shape] for wanted in tensors}
    arrays = {wanted.name: np.zeros((0, *shapes[wanted.name]), np.dtype(wanted.dtype)) for wanted in tensors}
    return PartBatch(schema.empty_table().select(list(kept)), arrays)


def _choose_kept(schema: pa.Schema, tensors: Sequence[WantedTensor]) -> list[str]:
    """The columns that go to the output: no blobs, and no lists that the predictor has taken in."""
    taken = {name for tensor in tensors for name in tensor.sources}
    kept = []
    for field in schema:
        if holds_encoded_images(field.type) or (field.name in taken and holds_lists(field.type)):
            continue
        if field.name not in ("prediction", "probabilities"):
            kept.append(field.name)
    return kept


def _read_tensor(batch: pa.RecordBatch, wanted: WantedTensor, place: ColumnPlace) -> NDArray[Any]:
    if wanted.columns:
        return _join_columns(batch, wanted, place)
    column = batch.column(wanted.column)
    if not wanted.shape and wanted.dtype in ("object", "float64"):
        read = read_texts if wanted.dtype == "object" else read_numbers
        return read(column, place, optional=wanted.optional)
    if wanted.medium is not None:
        arrays: Any = read_media_column(column, place, wanted.medium)
    elif holds_encoded_images(column.type):
        arrays = list(decode_column(column, place, count_colours(wanted)))
    else:
        arrays = unpack_column(column, place)
        if isinstance(arrays, np.ndarray) and arrays.ndim == 2 and arrays.shape[1] == math.prod(wanted.shape):
            # One flat list a row, as long as the tensor has numbers.
            arrays = arrays.reshape(len(arrays), *wanted.shape)
        elif isinstance(arrays, np.ndarray) and arrays.ndim == 1 and math.prod(wanted.shape) == 1:
            arrays = arrays.reshape(len(arrays), *wanted.shape)
    return fit_arrays(arrays, wanted, lambda row: f"{place.uri}, column {place.column}, row {place.first_row + row}")


def _join_columns(batch: pa.RecordBatch, wanted: WantedTensor, place: ColumnPlace) -> NDArray[Any]:
    """A column for each number of the tensor."""
    each = [
        read_numbers(batch.column(name), ColumnPlace(place.uri, name, place.first_row), optional=wanted.optional)
        for name in wanted.columns
    ]
    rows = np.stack(each, axis=1).reshape(batch.num_rows, *wanted.shape)
    return fit_arrays(rows, wanted, lambda row: f"{place.uri}, row {place.first_row + row}")
