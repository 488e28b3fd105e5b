"""Read tables - Parquet, CSV and JSON - as Arrow batches, a bounded amount at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from dix.data.arrow_errors import name_file
from dix.data.formats import is_compressed
from dix.errors import BadData
from dix.names import find_nearest
from dix.store.listing import StoredFile
from dix.store.store import Store

TABLE_FORMATS = ("parquet", "csv", "json")
# Rows of a batch where the file itself does not say.
BATCH_ROWS = 65_536
# A larger file is read piece by piece: what is mapped counts as memory that the step holds.
_MAPPED_BYTES = 64 << 20
# What CSV and JSON take their column types from.
_BLOCK_BYTES = 16 << 20
_COMPRESSIONS = {"gz": "gzip", "bz2": "bz2", "zst": "zstd"}


def open_parquet(store: Store, file: StoredFile) -> pq.ParquetFile:
    """An open Parquet file, its footer read; raises BadData when it is none."""
    path = store.local_path(file.uri)
    with name_file(file.uri, "parquet"):
        if path is not None:
            # Without a map, what is buffered beforehand is the whole file, and is held to its end.
            return pq.ParquetFile(path, memory_map=file.size_bytes <= _MAPPED_BYTES, pre_buffer=False)
        return pq.ParquetFile(store.open(file.uri), pre_buffer=True)


def read_batches(
    store: Store,
    file: StoredFile,
    format: str,
    columns: Sequence[str] | None = None,
    *,
    row_groups: Sequence[int] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pa.RecordBatch]:
    """The rows of one file in order, `columns` only (None: all), at most `batch_rows` at a time.

    `row_groups` chooses within a Parquet file. Raises BadData, naming the file, for content that cannot be read and
    for a column that is not there.
    """
    with name_file(file.uri, format):
        for batch in _open_batches(store, file, format, columns, row_groups=row_groups, batch_rows=batch_rows):
            for start in range(0, batch.num_rows, batch_rows):
                yield batch.slice(start, batch_rows)


def read_schema(store: Store, file: StoredFile, format: str) -> pa.Schema:
    """The columns of one file and their types."""
    if format == "parquet":
        return open_parquet(store, file).schema_arrow
    with name_file(file.uri, format):
        for batch in _open_batches(store, file, format):
            return batch.schema
    raise BadData(file.uri, "the file has no rows")


def check_columns(uri: str, schema: pa.Schema, columns: Sequence[str]) -> None:
    """Raise BadData for the first of `columns` that is not there, with those that are."""
    for name in columns:
        if name not in schema.names:
            nearest = find_nearest(name, schema.names)
            there = ", ".join(schema.names[:12]) + (" ..." if len(schema.names) > 12 else "")
            raise BadData(
                uri, f"there is no column {name}", f"did you mean {nearest}?" if nearest else f"its columns are {there}"
            )


def _open_batches(
    store: Store,
    file: StoredFile,
    format: str,
    columns: Sequence[str] | None = None,
    *,
    row_groups: Sequence[int] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pa.RecordBatch]:
    if format == "parquet":
        with open_parquet(store, file) as parquet:
            if columns is not None:
                check_columns(file.uri, parquet.schema_arrow, columns)
            names = list(columns) if columns is not None else None
            # From far away, all the groups that are asked for at a time are fetched at a time, and held to their end.
            for groups in (
                [list(row_groups)] if row_groups is not None else ([i] for i in range(parquet.num_row_groups))
            ):
                yield from parquet.iter_batches(batch_rows, row_groups=groups, columns=names, use_threads=False)
        return
    for batch in _open_csv(store, file) if format == "csv" else _open_json(store, file):
        if columns is not None:
            check_columns(file.uri, batch.schema, columns)
            batch = batch.select(list(columns))  # noqa: PLW2901
        yield batch


def _open_csv(store: Store, file: StoredFile) -> Iterator[pa.RecordBatch]:
    delimiter = "\t" if ".tsv" in file.path.lower() else ","
    with (
        _open_stream(store, file) as stream,
        pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        ) as reader,
    ):
        yield from reader


def _open_json(store: Store, file: StoredFile) -> Iterator[pa.RecordBatch]:
    """JSON lines are streamed; one JSON list of objects is read whole."""
    with store.open(file.uri) as beginning:
        is_list = not is_compressed(file.path) and bytes(beginning.read(64)).lstrip()[:1] == b"["
    with _open_stream(store, file) as stream:
        if is_list:
            yield from pa.Table.from_pylist(_read_list(file.uri, stream)).to_batches()
            return
        options = pyarrow.json.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False)
        with pyarrow.json.open_json(stream, read_options=options) as reader:
            yield from reader


def _read_list(uri: str, stream: Any) -> list[dict[str, Any]]:
    try:
        rows = json.load(io.TextIOWrapper(stream, encoding="utf-8"))
    except ValueError as error:
        raise BadData(uri, f"the file cannot be read as json ({error})") from error
    if not all(isinstance(row, dict) for row in rows):
        raise BadData(uri, "the JSON list holds something else than objects", "write one object a row")
    return list(rows)


def _open_stream(store: Store, file: StoredFile) -> Any:
    """The bytes of a file, decompressed when its name ends in .gz, .bz2 or .zst."""
    raw: Any = store.open(file.uri)
    compression: Any = _COMPRESSIONS.get(file.path.lower().rpartition(".")[2])
    stream = pa.PythonFile(raw, mode="r")
    return stream if compression is None else pa.CompressedInputStream(stream, compression)
