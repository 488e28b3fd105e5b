"""Time series in a table: one row a step, one or several series below or between each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dix.data.clock import Clock, find_clock, read_times, say_step, say_time
from dix.data.detect import detect_format
from dix.data.files import list_data_files
from dix.data.scalars import read_numbers, read_texts
from dix.data.tables import TABLE_FORMATS, read_batches
from dix.data.tensors import ColumnPlace
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class SeriesOptions:
    """Which columns to read; `values` are forecast, `past` are known until now, `known` also of the time ahead."""

    time: str
    series: str | None
    values: tuple[str, ...]
    past: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Of all numbers, in the order of `Series.numbers`."""
        return self.values + self.past + self.known


@dataclass(frozen=True, slots=True)
class Series:
    """One series in the order of time: `numbers` float32 [rows, columns]; the first `steps` rows have values, the rest
    lie ahead, where only what is known is not NaN.
    """

    name: str
    times: NDArray[np.int64]
    numbers: NDArray[np.float32]
    steps: int
    clock: Clock

    def __str__(self) -> str:
        return f"series {self.name}" if self.name else "the series"


def read_series(store: Store, uri: str, options: SeriesOptions, *, ahead: bool = False) -> list[Series]:
    """All series of a table, by name; with `ahead` the last rows of each may have no values.

    Raises BadData naming file, column, row and series for what is missing, is there twice, or comes at uneven steps.
    """
    found = detect_format(store, uri, list_data_files(store, uri))
    if found.format not in TABLE_FORMATS:
        raise BadData(uri, f"it is {found.describe()}", "a forecast takes a table: parquet, csv or json")
    pieces = [piece for file in found.files for piece in _read_file(store, file, found.format, options)]
    if not pieces:
        raise BadData(uri, "there are no rows")
    if len({piece.is_calendar for piece in pieces}) > 1:
        raise BadData(uri, f"column {options.time} holds dates in one file and numbers in another")
    rows = _Rows(
        tuple(piece.uri for piece in pieces),
        np.concatenate([np.full(len(piece.times), i) for i, piece in enumerate(pieces)]),
        np.concatenate([piece.first_row + np.arange(len(piece.times)) for piece in pieces]),
        np.concatenate([piece.names for piece in pieces]),
        np.concatenate([piece.times for piece in pieces]),
        np.concatenate([piece.numbers for piece in pieces]),
        pieces[0].is_calendar,
    )
    return [rows.cut(name, places, options, ahead=ahead) for name, places in rows.group()]


@dataclass(frozen=True, slots=True)
class _Piece:
    uri: str
    first_row: int
    names: NDArray[np.object_]
    times: NDArray[np.int64]
    numbers: NDArray[np.float32]
    is_calendar: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows of a data set, as they came, and where each stands."""

    uris: tuple[str, ...]
    files: NDArray[np.int64]
    places: NDArray[np.int64]
    names: NDArray[np.object_]
    times: NDArray[np.int64]
    numbers: NDArray[np.float32]
    is_calendar: bool

    def group(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """The rows of each series, in the order of time."""
        names, codes = np.unique(self.names.astype(str), return_inverse=True)
        order = np.lexsort((self.times, codes))
        ends = np.cumsum(np.bincount(codes))[:-1]
        yield from zip((str(name) for name in names), np.split(order, ends), strict=True)

    def cut(self, name: str, rows: NDArray[np.int64], options: SeriesOptions, *, ahead: bool) -> Series:
        """One series, looked over."""
        values = len(options.values)
        numbers = self.numbers[rows]
        there = np.flatnonzero(~np.isnan(numbers[:, :values]).all(axis=1))
        steps = int(there[-1]) + 1 if len(there) and ahead else len(rows)
        missing = np.isnan(numbers)
        missing[steps:, : values + len(options.past)] = False
        if missing.any():
            row, column = np.argwhere(missing)[0]
            raise self.complain(
                name, rows[row], options.columns[column], "a value is missing", "fill it in, or leave the series out"
            )
        return Series(name, self.times[rows], numbers, steps, self.find_clock(name, rows, options))

    def find_clock(self, name: str, rows: NDArray[np.int64], options: SeriesOptions) -> Clock:
        times, is_calendar = self.times[rows], self.is_calendar
        twice = np.flatnonzero(np.diff(times) == 0)
        if len(twice):
            row = rows[twice[0] + 1]
            what = f"the time {say_time(self.times[row], is_calendar=is_calendar)} is there twice"
            todo = "name the column that tells series apart as series_column" if options.series is None else ""
            raise self.complain(name, row, options.time, what, todo)
        if len(rows) < 2:
            raise self.complain(name, rows[0], options.time, "it has one row only", "give it a row for each step")
        clock = find_clock(times, is_calendar=is_calendar)
        if isinstance(clock, Clock):
            return clock
        before, here = (say_time(times[clock - i], is_calendar=is_calendar) for i in (1, 0))
        usual = say_step(int(np.median(np.diff(times))), is_calendar=is_calendar)
        what = f"{here} comes after {before}, but the usual step is {usual}"
        raise self.complain(
            name, rows[clock], options.time, what, "fill in what is missing, or take out what is between"
        )

    def complain(self, name: str, row: np.int64, column: str, what: str, todo: str) -> BadData:
        """BadData that names series, column and row."""
        of_series = f"series {name}, " if name else ""
        return BadData(self.uris[self.files[row]], f"{of_series}column {column}, row {self.places[row]}: {what}", todo)


def _read_file(store: Store, file: StoredFile, format: str, options: SeriesOptions) -> Iterator[_Piece]:
    wanted = [options.time, *([options.series] if options.series else []), *options.columns]
    first_row = 0
    for batch in read_batches(store, file, format, wanted):

        def place(name: str, row: int = first_row) -> ColumnPlace:
            return ColumnPlace(file.uri, name, row)

        times, is_calendar = read_times(batch.column(0), place(options.time))
        names = np.full(batch.num_rows, "", dtype=object)
        if options.series:
            names = read_texts(batch.column(1), place(options.series))
        numbers = [
            read_numbers(column, place(name), optional=True).astype(np.float32)
            for name, column in zip(options.columns, batch.columns[-len(options.columns) :], strict=True)
        ]
        yield _Piece(file.uri, first_row, names, times, np.stack(numbers, axis=1), is_calendar)
        first_row += batch.num_rows
