"""Read events for training: who had what, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.parquet_files import find_table
from dix.data.scalars import read_numbers, read_texts
from dix.data.tables import check_columns, read_batches, read_schema
from dix.data.tensors import ColumnPlace
from dix.errors import BadData
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class EventOptions:
    """The columns of events; with `least_rating` only those rated so high or higher are read."""

    user_column: str = "user"
    item_column: str = "item"
    time_column: str | None = None
    rating_column: str | None = None
    least_rating: float | None = None
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class Events:
    """Texts [n] of users and items; `times` rise with time, and are those of the rows where none are told."""

    users: NDArray[Any]
    items: NDArray[Any]
    times: NDArray[np.float64]


def read_events(store: Store, uri: str, options: EventOptions) -> Events:
    """All events of a table; raises DataMissing when nothing lies there, BadData naming file, column and row."""
    found = find_table(store, uri)
    pieces: list[Events] = []
    total = 0
    named = (options.user_column, options.item_column, options.time_column, options.rating_column)
    names = [name for name in named if name is not None]
    for file in found.files:
        check_columns(file.uri, read_schema(store, file, found.format), names)
        first_row = 0
        for batch in read_batches(store, file, found.format, names):
            reader = _Reader(batch, file.uri, first_row, total, options)
            pieces += [piece for _, _, piece in read_usable(reader.read, batch.num_rows, options.bad_rows)]
            first_row += batch.num_rows
            total += batch.num_rows
    options.bad_rows.finish(uri, total)
    if not sum(len(piece.users) for piece in pieces):
        raise BadData(uri, "there are no events", "" if options.least_rating is None else "set a lower least_rating")
    return Events(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("users", "items", "times")))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads some rows of a batch, whose first is row `first_row` of its file and event `before` of all."""

    batch: pa.RecordBatch
    uri: str
    first_row: int
    before: int
    options: EventOptions

    def read(self, start: int, stop: int) -> Events:
        options = self.options
        part, first_row = self.batch.slice(start, stop - start), self.first_row + start
        users, items = (
            read_texts(part.column(name), ColumnPlace(self.uri, name, first_row))
            for name in (options.user_column, options.item_column)
        )
        times = np.arange(self.before + start, self.before + stop, dtype=np.float64)
        if options.time_column is not None:
            times = self._read_times(part.column(options.time_column), first_row)
        events = Events(users, items, times)
        if options.rating_column is None or options.least_rating is None:
            return events
        place = ColumnPlace(self.uri, options.rating_column, first_row)
        chosen = read_numbers(part.column(options.rating_column), place) >= options.least_rating
        return Events(users[chosen], items[chosen], times[chosen])

    def _read_times(self, column: Any, first_row: int) -> NDArray[np.float64]:
        if pa.types.is_temporal(column.type):
            column = column.cast(pa.timestamp("us")).cast(pa.int64())
        return read_numbers(column, ColumnPlace(self.uri, str(self.options.time_column), first_row))
