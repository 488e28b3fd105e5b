"""Read a fragment as batches: the columns that are kept, and the tensors that the predictor wants."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bulk import BulkOrder, WantedTensor
from dix.data.fragments import Fragment
from dix.data.image_files import decode_files, find_class
from dix.data.tables import check_columns, read_batches, read_schema
from dix.data.tensors import ColumnPlace, decode_column, holds_encoded_images, holds_lists, unpack_column
from dix.data.wanted import count_colours, fit_arrays
from dix.errors import BadData
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class PartBatch:
    """Some rows: `kept` goes to the output as it is, `tensors` to the predictor."""

    kept: pa.Table
    tensors: dict[str, NDArray[Any]]


def read_fragment(store: Store, order: BulkOrder, fragment: Fragment) -> Iterator[PartBatch]:
    """The rows of a fragment in order, at most `order.batch_rows` at a time; BadData names file, column and row."""
    if fragment.format == "images":
        yield from _read_image_files(store, order, fragment)
    else:
        yield from _read_tables(store, order, fragment)


def _read_image_files(store: Store, order: BulkOrder, fragment: Fragment) -> Iterator[PartBatch]:
    if len(order.tensors) != 1:
        names = ", ".join(tensor.name for tensor in order.tensors)
        raise BadData(order.source, f"image files give one input, the model takes {names}", "give it a table")
    wanted = order.tensors[0]
    files = [piece.file for piece in fragment.pieces]
    for start in range(0, len(files), order.batch_rows):
        group = files[start : start + order.batch_rows]
        images = list(decode_files(store, group, colours=count_colours(wanted)))
        columns: dict[str, Any] = {"path": [file.path for file in group]}
        if fragment.has_classes:
            columns["label"] = [find_class(file.path) for file in group]
        kept = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        yield PartBatch(kept, {wanted.name: fit_arrays(images, wanted, [file.uri for file in group].__getitem__)})


def _read_tables(store: Store, order: BulkOrder, fragment: Fragment) -> Iterator[PartBatch]:
    for piece in fragment.pieces:
        schema = read_schema(store, piece.file, fragment.format)
        check_columns(piece.file.uri, schema, [tensor.column for tensor in order.tensors])
        kept = _choose_kept(schema, order.tensors)
        columns = list(dict.fromkeys([*kept, *(tensor.column for tensor in order.tensors)]))
        first_row = piece.first_row
        yield _make_empty(schema, kept, order.tensors)
        for batch in read_batches(
            store, piece.file, fragment.format, columns, row_groups=piece.row_groups, batch_rows=order.batch_rows
        ):
            tensors = {
                wanted.name: _read_tensor(batch, wanted, ColumnPlace(piece.file.uri, wanted.column, first_row))
                for wanted in order.tensors
            }
            yield PartBatch(pa.Table.from_batches([batch]).select(kept), tensors)
            first_row += batch.num_rows


def _make_empty(schema: pa.Schema, kept: Sequence[str], tensors: Sequence[WantedTensor]) -> PartBatch:
    """No rows, but with columns: so a table without rows becomes a table without rows, and not nothing."""
    shapes = {wanted.name: [max(1, size) for size in wanted.shape] for wanted in tensors}
    arrays = {wanted.name: np.zeros((0, *shapes[wanted.name]), np.dtype(wanted.dtype)) for wanted in tensors}
    return PartBatch(schema.empty_table().select(list(kept)), arrays)


def _choose_kept(schema: pa.Schema, tensors: Sequence[WantedTensor]) -> list[str]:
    """The columns that go to the output: no blobs, and no lists that the predictor has taken in."""
    taken = {tensor.column for tensor in tensors}
    kept = []
    for field in schema:
        if holds_encoded_images(field.type) or (field.name in taken and holds_lists(field.type)):
            continue
        if field.name not in ("prediction", "probabilities"):
            kept.append(field.name)
    return kept


def _read_tensor(batch: pa.RecordBatch, wanted: WantedTensor, place: ColumnPlace) -> NDArray[Any]:
    column = batch.column(wanted.column)
    if holds_encoded_images(column.type):
        arrays: Any = decode_column(column, place, count_colours(wanted))
    else:
        arrays = unpack_column(column, place)
        if isinstance(arrays, np.ndarray) and arrays.ndim == 2 and arrays.shape[1] == math.prod(wanted.shape):
            # One flat list a row, as long as the tensor has numbers.
            arrays = arrays.reshape(len(arrays), *wanted.shape)
    return fit_arrays(arrays, wanted, lambda row: f"{place.uri}, column {place.column}, row {place.first_row + row}")
