"""Read what was predicted beside what is true."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.labels import read_labels
from dix.data.parquet_files import find_table
from dix.data.part_writing import CLASSES_KEY
from dix.data.tables import read_batches, read_schema
from dix.data.tensors import ColumnPlace, unpack_column
from dix.errors import BadData
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A batch and where it comes from."""

    uri: str
    first_row: int
    batch: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are compared; `scores` may be absent from the data where it is optional."""

    truth: str
    prediction: str
    scores: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Truth and prediction of each row that can be used: both texts, or both float64.

    `scores` is [n, classes], or [n] for one column of numbers, or None; `classes` is their order, where it was written.
    """

    truth: NDArray[Any]
    prediction: NDArray[Any]
    scores: NDArray[np.float64] | None = None
    classes: tuple[str, ...] = ()


def read_places(store: Store, uri: str, columns: Columns) -> list[Place]:
    """All rows of a table, the compared columns only; raises BadData for a column that is not there."""
    found = find_table(store, uri)
    places: list[Place] = []
    for file in found.files:
        has_scores = columns.scores in read_schema(store, file, found.format).names
        names = [columns.truth, columns.prediction, *([columns.scores] if has_scores else [])]
        first_row = 0
        for batch in read_batches(store, file, found.format, list(dict.fromkeys(names))):
            places.append(Place(file.uri, first_row, batch))
            first_row += batch.num_rows
    if not sum(place.batch.num_rows for place in places):
        raise BadData(uri, "there are no rows")
    return places


def are_quantities(places: Sequence[Place], columns: Columns) -> bool:
    """Whether truth and prediction are both numbers, and not all of them whole: quantities, not names of classes."""
    is_whole = True
    for place in places:
        for name in (columns.truth, columns.prediction):
            column = place.batch.column(name)
            while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
                column = column.flatten()
            if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
                return False
            if pa.types.is_floating(column.type):
                numbers = column.drop_null().to_numpy()
                numbers = numbers[np.isfinite(numbers)]
                is_whole = is_whole and bool((numbers == np.floor(numbers)).all())
    return not is_whole


def read_classes(places: Sequence[Place], columns: Columns, bad_rows: BadRows) -> Compared:
    """Texts to be compared; rows without a label or with probabilities that are none count as bad."""
    pieces: list[tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]] = []
    for place in places:

        def read(start: int, stop: int, place: Place = place) -> Any:
            batch, row = place.batch.slice(start, stop - start), place.first_row + start
            truth = read_labels(batch.column(columns.truth), place.uri, columns.truth, row)
            said = read_labels(batch.column(columns.prediction), place.uri, columns.prediction, row)
            if columns.scores not in batch.schema.names:
                return truth, said, None
            where = ColumnPlace(place.uri, columns.scores, row)
            return truth, said, _read_probabilities(batch.column(columns.scores), where)

        pieces += [piece for _, _, piece in read_usable(read, place.batch.num_rows, bad_rows)]
    if not pieces:
        return Compared(np.zeros(0, object), np.zeros(0, object))
    scores = [piece[2] for piece in pieces if piece[2] is not None]
    return Compared(
        np.concatenate([piece[0] for piece in pieces]),
        np.concatenate([piece[1] for piece in pieces]),
        _join_scores(places[0].uri, columns.scores, scores) if len(scores) == len(pieces) else None,
        _read_order(places[0].batch.schema, columns.scores),
    )


def read_quantities(places: Sequence[Place], columns: Columns, bad_rows: BadRows) -> Compared:
    """Numbers to be compared; lists of them, as of a forecast, are laid end to end."""
    pieces: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for place in places:

        def read(start: int, stop: int, place: Place = place) -> Any:
            batch, row = place.batch.slice(start, stop - start), place.first_row + start
            both = [
                _read_numbers(batch.column(name), ColumnPlace(place.uri, name, row))
                for name in (columns.truth, columns.prediction)
            ]
            if both[0].shape != both[1].shape:
                what = f"{columns.truth} has shape {list(both[0].shape[1:])}, {columns.prediction} has another"
                raise BadData(place.uri, f"row {row}: {what}: {list(both[1].shape[1:])}")
            return both[0].reshape(-1), both[1].reshape(-1)

        pieces += [piece for _, _, piece in read_usable(read, place.batch.num_rows, bad_rows)]
    if not pieces:
        return Compared(np.zeros(0), np.zeros(0))
    return Compared(np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces]))


def _read_numbers(column: Any, place: ColumnPlace) -> NDArray[np.float64]:
    """As float64 without the detour over float32 where the column is flat; raises BadData for what is missing."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        unpacked = unpack_column(column, place)
        if isinstance(unpacked, list):
            raise place.complain(0, "its lists are of different lengths")
        return np.asarray(unpacked, dtype=np.float64)
    numbers = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    broken = np.flatnonzero(~np.isfinite(numbers))
    if len(broken):
        raise place.complain(int(broken[0]), "there is no number", "fill it in, or leave the row out")
    return numbers


def _read_probabilities(column: Any, place: ColumnPlace) -> NDArray[np.float64]:
    numbers = _read_numbers(column, place)
    wrong = np.flatnonzero(((numbers < 0) | (numbers > 1)).reshape(len(numbers), -1).any(axis=1))
    if len(wrong):
        raise place.complain(int(wrong[0]), "it is no probability, which is from 0 to 1", "name another score_column")
    return numbers


def _join_scores(uri: str, name: str, scores: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    if len({one.shape[1:] for one in scores}) > 1:
        raise BadData(uri, f"column {name} has lists of different lengths")
    return np.concatenate(scores)


def _read_order(schema: pa.Schema, name: str) -> tuple[str, ...]:
    """The names of the classes as a model node has written them beside its probabilities."""
    if name not in schema.names:
        return ()
    text = (schema.field(name).metadata or {}).get(CLASSES_KEY)
    return () if text is None else tuple(json.loads(text))
