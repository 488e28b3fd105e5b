"""Read tables for training: each column an array of its own, numbers or texts, and the labels beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.labels import read_labels
from dix.data.parquet_files import find_table
from dix.data.scalars import holds_numbers, holds_texts, read_numbers, read_texts
from dix.data.tables import check_columns, read_batches, read_schema
from dix.data.tensors import ColumnPlace
from dix.errors import BadData
from dix.store.store import Store

_OBJECT_BYTES = 64
# Up to which share texts among numbers are taken for mistakes.
_MOST_SPOILT = 0.05


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Which columns are read: `columns` (none named: all) without `ignore`; those of `categories` as texts.

    `memory_bytes` is what all of them may take; `bad_rows` counts the rows of one data set that are left out.
    """

    label_column: str = "label"
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    memory_bytes: int = 1 << 62
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """`columns` are float64 [n] with NaN for what is missing, or texts [n] with None; `labels` n texts."""

    columns: dict[str, NDArray[Any]]
    labels: NDArray[Any]

    @property
    def kinds(self) -> dict[str, bool]:
        """Whether each column holds texts."""
        return {name: values.dtype == object for name, values in self.columns.items()}

    def take(self, places: NDArray[Any]) -> LabelledTable:
        """Some of the rows."""
        return LabelledTable({name: values[places] for name, values in self.columns.items()}, self.labels[places])


def read_labelled_table(
    store: Store, uri: str, options: TableOptions, kinds: Mapping[str, bool] | None = None
) -> LabelledTable:
    """All rows of a table in order of path and row.

    `kinds` are the columns of a table that this one shall be like; without them the first file decides. Raises
    DataMissing when nothing lies there, BadData naming file, column and row for what cannot be used.
    """
    pieces = list(_read_pieces(store, uri, options, kinds))
    if not pieces:
        raise BadData(uri, "there are no rows")
    names = pieces[0].columns
    columns = {name: np.concatenate([piece.columns[name] for piece in pieces]) for name in names}
    if kinds is None:
        for name, values in columns.items():
            if values.dtype == object and name not in options.categories:
                _check_no_spoilt_number(uri, name, values)
    return LabelledTable(columns, np.concatenate([piece.labels for piece in pieces]))


def _read_pieces(
    store: Store, uri: str, options: TableOptions, kinds: Mapping[str, bool] | None
) -> Iterator[LabelledTable]:
    found = find_table(store, uri)
    total = size_bytes = 0
    for file in found.files:
        schema = read_schema(store, file, found.format)
        if kinds is None:
            kinds = _choose_columns(file.uri, schema, options)
        names = [*kinds, options.label_column]
        check_columns(file.uri, schema, names)
        first_row = 0
        for batch in read_batches(store, file, found.format, names):
            reader = _Reader(batch, file.uri, first_row, kinds, options.label_column)
            for _, _, piece in read_usable(reader.read, batch.num_rows, options.bad_rows):
                size_bytes += _measure(piece)
                _check_memory(uri, size_bytes, options.memory_bytes)
                yield piece
            first_row += batch.num_rows
        total += first_row
    options.bad_rows.finish(uri, total)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads some rows of a batch."""

    batch: pa.RecordBatch
    uri: str
    first_row: int
    kinds: Mapping[str, bool]
    label_column: str

    def read(self, start: int, stop: int) -> LabelledTable:
        part, first_row = self.batch.slice(start, stop - start), self.first_row + start
        labels = read_labels(part.column(self.label_column), self.uri, self.label_column, first_row)
        columns = {
            name: (read_texts if is_text else read_numbers)(
                part.column(name), ColumnPlace(self.uri, name, first_row), optional=True
            )
            for name, is_text in self.kinds.items()
        }
        return LabelledTable(columns, labels)


def _choose_columns(uri: str, schema: pa.Schema, options: TableOptions) -> dict[str, bool]:
    check_columns(uri, schema, [options.label_column, *options.columns, *options.ignore, *options.categories])
    left_out = {options.label_column, *options.ignore}
    kinds: dict[str, bool] = {}
    for name in options.columns or schema.names:
        kind = schema.field(name).type
        if name in left_out:
            continue
        if not (holds_numbers(kind) or holds_texts(kind)):
            raise BadData(
                uri, f"column {name} is of type {kind}, which is neither a number nor a text", "name it in ignore"
            )
        kinds[name] = name in options.categories or holds_texts(kind)
    if not kinds:
        raise BadData(uri, f"beside {options.label_column} there is no column to learn from")
    return kinds


def _check_no_spoilt_number(uri: str, name: str, texts: NDArray[Any]) -> None:
    """Raises BadData where all but a few texts of a column are numbers: read as categories, they would say nothing."""
    is_there = np.array([bool(text) for text in texts])
    is_number = ~np.isnan(pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(np.float64))
    strange = np.flatnonzero(is_there & ~is_number)
    if 0 < len(strange) <= _MOST_SPOILT * is_there.sum():
        row = int(strange[0])
        raise BadData(
            uri,
            f"column {name} holds numbers, but {texts[row]!r} in row {row}",
            "mend it, or name the column in categories",
        )


def _measure(piece: LabelledTable) -> int:
    return sum(len(piece.labels) * (_OBJECT_BYTES if is_text else 8) for is_text in piece.kinds.values())


def _check_memory(uri: str, size_bytes: int, memory_bytes: int) -> None:
    if size_bytes > memory_bytes:
        raise BadData(
            uri, f"its columns take more than the {memory_bytes >> 20} MiB of memory that the node has",
            "give the node more memory, or name fewer columns",
        )  # fmt: skip
