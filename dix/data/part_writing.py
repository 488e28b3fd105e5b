"""Write the rows of one part as a Parquet file in a folder of the store, in bounded memory."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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


def add_answers(kept: pa.Table, answers: Mapping[str, NDArray[Any]], classes: Sequence[str] = ()) -> pa.Table:
    """The kept columns with the answers beside them: the first one is called `prediction`.

    An answer [n] is a column of texts or numbers, one [n, width] of lists, and of plain numbers where the width is 1.
    `classes` are those of the probabilities, in their order; that column remembers them.
    """
    for place, (name, values) in enumerate(answers.items()):
        column = _make_column(values)
        facts = {CLASSES_KEY: json.dumps(list(classes), ensure_ascii=False)} if classes else None
        named = pa.field(
            name if place else "prediction", column.type, metadata=facts if name == "probabilities" else None
        )
        kept = kept.append_column(named, column)
    return kept


def _make_column(values: NDArray[Any]) -> Any:
    kind = pa.string() if values.dtype == object else None
    flat = pa.array(values.reshape(-1), kind)
    width = math.prod(values.shape[1:])
    if values.ndim == 1 or values.shape[1:] == (1,):
        return flat
    offsets = np.arange(len(values) + 1, dtype=np.int32) * width
    lists: Any = pa.ListArray
    return lists.from_arrays(pa.array(offsets.astype(np.int32)), flat)
