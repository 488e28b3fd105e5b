"""Write the rows of a result as Parquet files in a folder, a bounded amount at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from dix.data.part_writing import PartWriter

# A file is full when it has so many rows: enough for readers to share, few enough that one file is no burden.
_FILE_ROWS = 8_000_000


def write_part_files(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path, *, file_rows: int = _FILE_ROWS
) -> int:
    """How many rows were written; their order is kept. Without rows one file still says what the columns are."""
    rows = number = 0
    writer = PartWriter(folder / f"part-{number:06d}.parquet")
    writer.write(schema.empty_table())
    for batch in batches:
        if writer.rows >= file_rows:
            writer.finish()
            number += 1
            writer = PartWriter(folder / f"part-{number:06d}.parquet")
        writer.write(pa.Table.from_batches([batch], schema))
        rows += batch.num_rows
    writer.finish()
    return rows
