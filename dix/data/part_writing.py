"""Write the rows of one part as a Parquet file in a folder of the store, in bounded memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dix.store.store import Store

# A row group is written when so much has come together.
_ROW_GROUP_ROWS = 131_072
_ROW_GROUP_BYTES = 32 << 20
# What the column of probabilities says of itself: the classes in their order, as a JSON list.
CLASSES_KEY = b"dix.classes"


class PartWriter:
    """Takes tables of one schema and writes them in large row groups; the file is whole when the block ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Made when the first table says what the columns are.
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        elif self._writer is not None:
            self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self._waiting_bytes += table.nbytes
        self.rows += table.num_rows
        if self._waiting_rows >= _ROW_GROUP_ROWS or self._waiting_bytes >= _ROW_GROUP_BYTES:
            self._flush()

    def finish(self) -> None:
        """Write what waits, and the end of the file; nothing can be added any more."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        if self._writer is None:
            # Dictionaries pay for texts that repeat; for numbers they cost time and save nothing.
            texts: Any = [field.name for field in table.schema if pa.types.is_string(field.type)]
            self._writer = pq.ParquetWriter(self._path, table.schema, use_dictionary=texts or False)
        self._writer.write_table(table, row_group_size=_ROW_GROUP_ROWS)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0


@contextmanager
def write_part(store: Store, folder: str, name: str) -> Iterator[PartWriter]:
    """A writer of the file `name` in `folder`; the file is there when the block ends well."""
    place = store.local_path(folder)
    with tempfile.TemporaryDirectory() as scratch:
        path = (place if place is not None else Path(scratch)) / name
        with PartWriter(path) as writer:
            yield writer
        if place is None:
            store.put(path, f"{folder}/{name}")


def add_answers(
    kept: pa.Table,
    labels: NDArray[Any] | None,
    probabilities: NDArray[Any] | None,
    names: Sequence[str] = (),
) -> pa.Table:
    """The kept columns with `prediction` (text) and `probabilities` (list of float) beside them.

    `names` are those of the classes in the order of the probabilities; the column remembers them.
    """
    if labels is not None:
        kept = kept.append_column("prediction", pa.array(labels, pa.string()))
    if probabilities is not None:
        count, classes = probabilities.shape
        offsets = np.arange(0, (count + 1) * classes, classes, dtype=np.int32)
        lists: Any = pa.ListArray
        column = lists.from_arrays(pa.array(offsets), pa.array(probabilities.reshape(-1)))
        facts = {CLASSES_KEY: json.dumps(list(names), ensure_ascii=False)} if names else None
        kept = kept.append_column(pa.field("probabilities", column.type, metadata=facts), column)
    return kept
