"""What the columns of a table hold: how much is missing, how many values there are, and how they spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dix.data.detect import detect_format
from dix.data.files import list_data_files
from dix.data.preview import to_plain
from dix.data.tables import TABLE_FORMATS, read_batches
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

# More is not read: the profile is then of the beginning, and says so.
MOST_ROWS = 200_000
_MOST_BYTES = 128 << 20
_BINS = 20
_MOST_COMMON = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie from `low` to `high`, without it except in the last one."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds; None is what its type has no word for."""

    name: str
    type: str
    nulls: int
    distinct: int | None = None
    least: Any = None
    most: Any = None
    mean: float | None = None
    deviation: float | None = None
    histogram: tuple[Bin, ...] = ()
    common: tuple[tuple[Any, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Of the first `rows` of a table; `is_whole` says that these are all."""

    format: str
    rows: int
    is_whole: bool
    columns: tuple[ColumnProfile, ...]


def profile_table(store: Store, uri: str) -> TableProfile:
    """What the columns of the table at `uri` hold; raises DataMissing for nothing, BadData for what is no table."""
    files = list_data_files(store, uri)
    found = detect_format(store, uri, files)
    _check_table(uri, found.format)
    table, is_whole = _read(store, found.files, found.format)
    columns = tuple(_profile(name, table.column(i)) for i, name in enumerate(table.schema.names))
    return TableProfile(found.format, int(table.num_rows), is_whole, columns)


def _check_table(uri: str, format: str) -> None:
    """Raises BadData for data that has no columns."""
    if format not in TABLE_FORMATS:
        raise BadData(
            uri, f"it holds {format}, which has no columns", f"only {', '.join(TABLE_FORMATS)} have a profile"
        )


def _read(store: Store, files: Sequence[StoredFile], format: str) -> tuple[pa.Table, bool]:
    """The beginning of the table, and whether it is all; files of another shape than the first are left out."""
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for file in files:
        for batch in read_batches(store, file, format):
            if batches and batch.schema != batches[0].schema:
                return pa.Table.from_batches(batches), False
            if rows >= MOST_ROWS or size >= _MOST_BYTES:
                return pa.Table.from_batches(batches), False
            batches.append(batch.slice(0, MOST_ROWS - rows))
            rows += batches[-1].num_rows
            size += batch.nbytes
            if batches[-1].num_rows < batch.num_rows:
                return pa.Table.from_batches(batches), False
    return pa.Table.from_batches(batches), True


def _profile(name: str, column: pa.ChunkedArray) -> ColumnProfile:
    kind = column.type
    known: dict[str, Any] = {"name": name, "type": str(kind), "nulls": int(column.null_count)}
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_null(kind):
        return ColumnProfile(**known)
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    least = most = None
    if len(column) > column.null_count:
        edges = pc.min_max(column).as_py()
        least, most = to_plain(edges["min"]), to_plain(edges["max"])
    facts = {**known, "distinct": int(pc.count_distinct(column).as_py()), "least": least, "most": most}
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return ColumnProfile(**facts, **_measure(column))
    return ColumnProfile(**facts, common=_count_common(column))


def _measure(column: pa.ChunkedArray) -> dict[str, Any]:
    """Mean, deviation and histogram of the numbers that are finite."""
    values = column.drop_null().to_numpy().astype(np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    counts, edges = np.histogram(values, bins=_BINS)
    bins = tuple(Bin(float(edges[i]), float(edges[i + 1]), int(count)) for i, count in enumerate(counts))
    mean, deviation = float(values.mean()), float(values.std())
    return {
        "mean": mean if math.isfinite(mean) else None,
        "deviation": deviation if math.isfinite(deviation) else None,
        "histogram": bins,
    }


def _count_common(column: pa.ChunkedArray) -> tuple[tuple[Any, int], ...]:
    counted = sorted(pc.value_counts(column.drop_null()).to_pylist(), key=lambda one: -one["counts"])
    return tuple((to_plain(one["values"]), int(one["counts"])) for one in counted[:_MOST_COMMON])
