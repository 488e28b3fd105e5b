"""Look at data without reading it: how much there is, in what format, and of what classes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from dix.data.detect import MIXED, detect_format
from dix.data.files import list_data_files
from dix.data.image_files import count_classes
from dix.data.tables import open_parquet, read_batches
from dix.store.listing import StoredFile
from dix.store.store import Store

# Rows are counted only where it is cheap: so many Parquet footers, or so many bytes of text.
_MOST_FOOTERS = 2_000
_MOST_TEXT_BYTES = 64 << 20
# One file is one example.
_FILE_FORMATS = ("images", "audio", "video")


@dataclass(frozen=True, slots=True)
class DataFacts:
    """`rows` is None where counting is not cheap; `classes` counts the files of each class folder.

    `left_out` is the number of files that are of another format than the wanted one.
    """

    format: str
    files: int
    size_bytes: int
    rows: int | None = None
    classes: dict[str, int] = field(default_factory=dict)
    left_out: int = 0


def inspect_data(store: Store, uri: str, format: str = "auto", *, looks_inside: bool = True) -> DataFacts:
    """What lies at `uri`; raises DataMissing for nothing, BadData for a file that is not of its format.

    Whether a file holds what its name says is seen only with `looks_inside`.
    """
    files = list_data_files(store, uri)
    found = detect_format(store, uri, files, format, looks_inside=looks_inside)
    return DataFacts(
        format=found.describe(),
        files=len(found.files),
        size_bytes=sum(file.size_bytes for file in found.files),
        rows=_count_rows(store, found.files, found.format),
        classes=count_classes(found.files) if found.format in _FILE_FORMATS else {},
        left_out=len(files) - len(found.files) if found.format != MIXED else 0,
    )


def _count_rows(store: Store, files: Sequence[StoredFile], format: str) -> int | None:
    if format in _FILE_FORMATS:
        return len(files)
    if format == "parquet" and len(files) <= _MOST_FOOTERS:
        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(lambda file: int(open_parquet(store, file).metadata.num_rows), files))
    if format in ("csv", "json") and sum(file.size_bytes for file in files) <= _MOST_TEXT_BYTES:
        return sum(int(batch.num_rows) for file in files for batch in read_batches(store, file, format))
    return None
