"""Opens tar archives that strangers have made, so that a small one never becomes a large one on this machine."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from dix.errors import BadValue

MOST_HEADER_BYTES = 16 * 1024 * 1024


@contextmanager
def open_plain_tar(path: Path, field: str, expected: str) -> Iterator[tarfile.TarFile]:
    """The archive, to be read file by file; it must not be compressed. Ask `is_plain` of each of its members.

    Raises BadValue, with what was `expected`, for what is no such archive; also while it is read.
    """
    try:
        with path.open("rb") as stream, tarfile.open(fileobj=_Bounded(stream, field), mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, RecursionError, UnicodeError) as error:
        raise BadValue(field, expected, str(error) or "something else") from None


def is_plain(member: tarfile.TarInfo) -> bool:
    """Whether it is a file whose bytes are all in the archive: no link, no device, and not full of holes."""
    return member.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not member.issparse()


class _Bounded:
    """A file that is read in small pieces only: a header that claims to be of many gigabytes is refused."""

    def __init__(self, stream: BinaryIO, field: str) -> None:
        self._stream = stream
        self._field = field

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEADER_BYTES:
            raise BadValue(self._field, f"headers of at most {MOST_HEADER_BYTES} bytes", size)
        return self._stream.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
