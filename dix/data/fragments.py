"""Cut a data set into fragments: what one worker predicts in one go and writes as one part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from dix.data.detect import Detection, detect_format
from dix.data.files import list_data_files
from dix.data.image_files import count_classes
from dix.data.media import Medium, detect_media
from dix.data.tables import TABLE_FORMATS, open_parquet
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

# A fragment is small enough that all workers end together and progress is seen, large enough to be worth a hand-over.
_MOST_BYTES = 64 << 20
_FEWEST_BYTES = 1 << 20
_MOST_FILES = 2048
_FRAGMENTS_A_WORKER = 8
_FOOTERS_AT_ONCE = 8
# Formats of which each file is one row.
_FILE_FORMATS = ("images", "text")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or some row groups of a Parquet file; `first_row` is where the piece begins in its file.

    `rows` is None where the file does not say it beforehand. A clip that lies there frame by frame has `further` files.
    """

    file: StoredFile
    size_bytes: int
    row_groups: tuple[int, ...] | None = None
    first_row: int = 0
    rows: int | None = None
    further: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Fragment:
    """Some pieces in the order of the input; `number` counts from 0. `has_classes`: files in class folders."""

    number: int
    format: str
    pieces: tuple[Piece, ...]
    has_classes: bool = False


def cut_fragments(
    store: Store, uri: str, format: str, workers: int, medium: Medium | None = None
) -> tuple[Fragment, ...]:
    """The fragments of a data set, in its order, enough of them to keep the workers busy.

    Files are images, or what a `medium` reads.

    Parquet is cut between row groups, all else between files. Raises DataMissing when nothing lies there, BadData for
    a format that cannot be predicted.
    """
    found = _detect(store, uri, format, medium)
    is_table = found.format in TABLE_FORMATS
    if found.format == "parquet":
        pieces = _list_row_groups(store, found.files)
    elif medium is not None and not is_table:
        units = medium.list_units(found.files)
        pieces = [Piece(unit[0], sum(file.size_bytes for file in unit), further=unit[1:]) for unit in units]
    else:
        pieces = [Piece(file, file.size_bytes) for file in found.files]
    total = sum(piece.size_bytes for piece in pieces)
    size_bytes = min(_MOST_BYTES, max(_FEWEST_BYTES, total // (workers * _FRAGMENTS_A_WORKER)))
    has_classes = not is_table and bool(count_classes(found.files))
    return tuple(
        Fragment(number, found.format, tuple(_merge(group)), has_classes)
        for number, group in enumerate(_group(pieces, size_bytes))
    )


def _detect(store: Store, uri: str, format: str, medium: Medium | None) -> Detection:
    if medium is not None:
        return detect_media(store, uri, medium, format, looks_inside=True)
    found = detect_format(store, uri, list_data_files(store, uri), format)
    if found.format not in (*TABLE_FORMATS, *_FILE_FORMATS):
        raise BadData(uri, f"it is {found.describe()}", "prediction takes parquet, csv, json, images or text")
    return found


def _list_row_groups(store: Store, files: Sequence[StoredFile]) -> list[Piece]:
    with ThreadPoolExecutor(_FOOTERS_AT_ONCE) as pool:
        footers = pool.map(lambda file: _read_row_groups(store, file), files)
        return [piece for pieces in footers for piece in pieces]


def _read_row_groups(store: Store, file: StoredFile) -> list[Piece]:
    pieces: list[Piece] = []
    with open_parquet(store, file) as parquet:
        first_row = 0
        for i in range(parquet.metadata.num_row_groups):
            group = parquet.metadata.row_group(i)
            pieces.append(Piece(file, group.total_byte_size, (i,), first_row, group.num_rows))
            first_row += group.num_rows
    # A file without rows still says what the columns are.
    return pieces or [Piece(file, 0, (), 0, 0)]


def _group(pieces: Iterable[Piece], size_bytes: int) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    filled = 0
    for piece in pieces:
        if group and (filled + piece.size_bytes > size_bytes or len(group) >= _MOST_FILES):
            yield group
            group, filled = [], 0
        group.append(piece)
        filled += piece.size_bytes
    if group:
        yield group


def _merge(group: list[Piece]) -> Iterator[Piece]:
    """Neighbouring row groups of one file as one piece, so that the file is opened once."""
    merged: Piece | None = None
    for piece in group:
        if merged is not None and merged.row_groups is not None and merged.file == piece.file:
            merged = replace(
                merged,
                size_bytes=merged.size_bytes + piece.size_bytes,
                row_groups=merged.row_groups + (piece.row_groups or ()),
                rows=(merged.rows or 0) + (piece.rows or 0),
            )
            continue
        if merged is not None:
            yield merged
        merged = piece
    if merged is not None:
        yield merged
