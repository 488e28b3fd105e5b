"""Write the parts of a divided data set, each as a data set of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.detect import Detection
from dix.data.files import read_contents
from dix.data.image_files import count_classes, find_class
from dix.data.labels import read_labels
from dix.data.part_writing import PartWriter
from dix.data.tables import TABLE_FORMATS, read_batches, read_schema
from dix.errors import BadData
from dix.store.store import Store


def read_groups(
    store: Store, found: Detection, label_column: str | None, bad_rows: BadRows | None = None
) -> NDArray[np.int64]:
    """The class of each row or file as a number; all 0 without a `label_column`, and for files in no class folders.

    A row that is left out as bad has -1.
    """
    if found.format in TABLE_FORMATS:
        labels = _read_column(store, found, label_column, bad_rows or BadRows())
    elif label_column is not None and count_classes(found.files):
        labels = np.array([find_class(file.path) for file in found.files], dtype=object)
    else:
        labels = np.zeros(len(found.files), dtype=np.int64)
    groups = np.full(len(labels), -1, dtype=np.int64)
    usable = np.not_equal(labels, np.array(None, dtype=object)).astype(np.bool_)
    groups[usable] = np.unique(labels[usable], return_inverse=True)[1]
    return groups


def write_parts(store: Store, found: Detection, parts: NDArray[np.int8], folders: Sequence[Path]) -> None:
    """Write part i of the data into `folders[i]`: tables as one Parquet file, all else as the files they are.

    `parts` has a number for each row or file, -1 for one that is left out; rows and files keep their order.
    """
    if found.format in TABLE_FORMATS:
        _write_tables(store, found, parts, folders)
        return
    kept = [(file, int(part)) for file, part in zip(found.files, parts, strict=True) if part >= 0]
    contents = read_contents(store, [file for file, _ in kept])
    for (file, part), content in zip(kept, contents, strict=True):
        target = folders[part] / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _read_column(store: Store, found: Detection, column: str | None, bad_rows: BadRows) -> NDArray[Any]:
    """The labels of all rows, None for a bad one."""
    pieces: list[NDArray[Any]] = []
    for file in found.files:
        first_row = 0
        # Without labels only rows are counted, for which any column does.
        name = column if column is not None else read_schema(store, file, found.format).names[0]
        for batch in read_batches(store, file, found.format, [name]):
            if column is None:
                pieces.append(np.zeros(batch.num_rows, dtype=np.int64))
            else:
                pieces.append(_read_labels(batch.column(0), file.uri, column, first_row, bad_rows))
            first_row += batch.num_rows
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _read_labels(column: Any, uri: str, name: str, first_row: int, bad_rows: BadRows) -> NDArray[Any]:
    def read(start: int, stop: int) -> NDArray[Any]:
        return read_labels(column.slice(start, stop - start), uri, name, first_row + start)

    labels = np.full(len(column), None, dtype=object)
    for start, stop, piece in read_usable(read, len(column), bad_rows):
        labels[start:stop] = piece
    return labels


def _write_tables(store: Store, found: Detection, parts: NDArray[np.int8], folders: Sequence[Path]) -> None:
    first_row = 0
    schema: pa.Schema | None = None
    with ExitStack() as stack:
        writers = [stack.enter_context(PartWriter(folder / "part-000000.parquet")) for folder in folders]
        for file in found.files:
            for batch in read_batches(store, file, found.format):
                schema = batch.schema if schema is None else schema
                if not batch.schema.equals(schema):
                    raise BadData(file.uri, f"its columns differ from those of {found.files[0].path}")
                rows = parts[first_row : first_row + batch.num_rows]
                for part, writer in enumerate(writers):
                    writer.write(pa.Table.from_batches([batch]).filter(pa.array(rows == part)))
                first_row += batch.num_rows
