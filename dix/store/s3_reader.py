"""A file on S3 as a stream that can be read from any position."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dix.store.s3_client import S3Client

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class S3Reader(io.RawIOBase):
    """Each read is one request for a range; `etag` makes sure that all come from the same object.

    Put an `io.BufferedReader` before it. Raises what the client raises; NotFound once the object was replaced.
    """

    def __init__(self, client: S3Client, path: str, size_bytes: int, etag: str) -> None:
        super().__init__()
        self._client = client
        self._path = path
        self._size_bytes = size_bytes
        self._etag = etag
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, which may lie behind the end."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}[whence]
        if start + offset < 0:
            raise ValueError(f"the position {start + offset} lies before the start")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self._read_range(min(self._position + len(view), self._size_bytes))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """All that is left, in one request."""
        return self._read_range(self._size_bytes)

    def _read_range(self, stop: int) -> bytes:
        if stop <= self._position:
            return b""
        extent = f"bytes={self._position}-{stop - 1}"
        data, _ = self._client.read(self._path, Range=extent, IfMatch=self._etag)
        self._position += len(data)
        return data
