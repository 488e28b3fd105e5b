"""Bring a table to this machine as Parquet files, whatever format and store it lies in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from dix.data.detect import Detection, detect_format
from dix.data.files import list_data_files
from dix.data.part_files import write_part_files
from dix.data.tables import TABLE_FORMATS, open_parquet, read_batches
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

# What means "any text" in the names of files that a query engine is given.
_WILD = "*?["


def find_table(store: Store, uri: str) -> Detection:
    """The files of a table; raises BadData for what is none."""
    found = detect_format(store, uri, list_data_files(store, uri))
    if found.format not in TABLE_FORMATS:
        raise BadData(uri, f"it is {found.describe()}, which is no table", f"give it {', '.join(TABLE_FORMATS)}")
    return found


def gather_parquet(store: Store, uri: str, folder: Path) -> tuple[Path, ...]:
    """The table's files in their order: Parquet on this machine as it lies there, all else written into `folder`."""
    found = find_table(store, uri)
    folder.mkdir(parents=True, exist_ok=True)
    if found.format == "parquet":
        return tuple(_bring(store, file, folder / f"{i:06d}.parquet") for i, file in enumerate(found.files))
    return tuple(_rewrite(store, file, found.format, folder / f"{i:06d}") for i, file in enumerate(found.files))


def _bring(store: Store, file: StoredFile, target: Path) -> Path:
    open_parquet(store, file).close()  # a file that is none is named here
    path = store.local_path(file.uri)
    if path is None:
        return store.fetch(file.uri, target)
    if path.is_file() and not any(sign in str(path) for sign in _WILD):
        return path
    with store.open(file.uri) as stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    return target


def _rewrite(store: Store, file: StoredFile, format: str, folder: Path) -> Path:
    batches = read_batches(store, file, format)
    first = next(batches, None)
    if first is None:
        raise BadData(file.uri, "the file has no rows")
    folder.mkdir()

    def all_of_them() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    # One file stays one file, so that files and their order are those of the input.
    write_part_files(all_of_them(), first.schema, folder, file_rows=1 << 62)
    return folder / "part-000000.parquet"
