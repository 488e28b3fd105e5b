"""The files of a data set: which ones count, in a fixed order, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from dix.errors import DataMissing, NotFound, WrongUse
from dix.names import find_nearest
from dix.store.listing import StoredFile
from dix.store.store import Store

# What folders carry beside their data; it is left out wherever data is read.
_SIDE_FILES = {"thumbs.db", "desktop.ini", "readme", "license", "licence", "changelog"}
_SIDE_FOLDERS = {"_temporary", "_delta_log", "__macosx"}
# Small files are asked for in groups, so that a far store answers many at a time.
_GROUP = 64
_READERS = 16


def list_data_files(store: Store, uri: str) -> list[StoredFile]:
    """The files under `uri` (a folder, or one file) without hidden and side files, sorted by path.

    Raises DataMissing when there is nothing, with the nearest name beside it.
    """
    try:
        found = store.list_files(uri)
    except NotFound as error:
        raise DataMissing(uri, "nothing lies there", _describe_neighbours(store, uri)) from error
    files = [file for file in found if not _is_side_file(file.path)]
    if not found:
        raise DataMissing(uri, "the folder is empty")
    if not files:
        if len(found) == 1 and found[0].uri == store.resolve(uri):
            return found
        raise DataMissing(uri, f"only hidden and side files lie there, such as {found[0].path}")
    return sorted(files, key=lambda file: file.path)


def read_contents(store: Store, files: Sequence[StoredFile]) -> Iterator[bytes]:
    """The bytes of each file, in order; a group at a time is held in memory."""
    for start in range(0, len(files), _GROUP):
        yield from _read_group(store, files[start : start + _GROUP])


def read_head(store: Store, file: StoredFile, size: int) -> bytes:
    """The first `size` bytes of a file."""
    with store.open(file.uri) as stream:
        return bytes(stream.read(size))


def _read_group(store: Store, files: Sequence[StoredFile]) -> Iterator[bytes]:
    if store.local_path(files[0].uri) is not None:
        yield from (store.read_bytes(file.uri) for file in files)
        return
    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(lambda file: store.read_bytes(file.uri), files)


def _is_side_file(path: str) -> bool:
    *folders, name = (part.lower() for part in PurePosixPath(path).parts)
    if any(folder.startswith(".") or folder in _SIDE_FOLDERS for folder in folders):
        return True
    return name.startswith((".", "_")) or PurePosixPath(name).stem in _SIDE_FILES


def _describe_neighbours(store: Store, uri: str) -> str:
    """What the writer of a URI that leads nowhere probably meant; empty when there is no telling."""
    folder, _, name = uri.rstrip("/").rpartition("/")
    try:
        level = store.list_folder(folder)
    except WrongUse:
        return f"the folder {folder} is not there either"
    names = [*(entry.name for entry in level.folders), *(file.path for file in level.files)]
    nearest = find_nearest(name, names)
    if nearest is not None:
        return f"did you mean {nearest}?"
    return f"in {folder} there is {', '.join(sorted(names)[:5])}" if names else ""
