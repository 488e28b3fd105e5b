"""Makes a stream of bytes out of local files: one file as it is, a folder as a tar archive."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

CHUNK_BYTES = 1024 * 1024


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def pack(folder: Path) -> Iterator[bytes]:
    """All files below a folder as one tar archive (POSIX pax), made while it is read; links are followed."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return pack_files((path.relative_to(folder).as_posix(), path) for path in paths)


def pack_files(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """The same of certain files, each under a name of its own."""
    for name, path in files:
        info = tarfile.TarInfo(name)
        info.size = path.stat().st_size
        yield info.tobuf(tarfile.PAX_FORMAT)
        yield from _read_exactly(path, info.size)
        yield bytes(-info.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _read_exactly(path: Path, size: int) -> Iterator[bytes]:
    """A file as long as its header says, though somebody may be writing it: the rest is left out, or zeros."""
    left = size
    for chunk in read_chunks(path):
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return
    yield bytes(left)
