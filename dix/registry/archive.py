"""A model version as one file that can be taken elsewhere: a tar archive, made while it is read.

    dixmodel.json      what is known of the version: `head.ArchiveHead`
    model/...          its files, byte for byte

The archive of a version is always the same, byte for byte, so that a transfer that broke off can go on where it was.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dix.errors import BadModel, ChecksumMismatch, NotFound
from dix.records.model_version import ModelVersion
from dix.registry.head import HEAD_FILE, MODEL_FOLDER, make_head
from dix.store.store import Store

_CHUNK_BYTES = 1024 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: its header, and where its bytes are (in memory, or in the store with their digest)."""

    header: bytes
    size_bytes: int
    content: bytes | None = None
    uri: str = ""
    sha256: str = ""

    @property
    def padding(self) -> int:
        """Zeros after it, up to a whole block."""
        return -self.size_bytes % tarfile.BLOCKSIZE

    @property
    def length(self) -> int:
        """How much of the archive it is."""
        return len(self.header) + self.size_bytes + self.padding


class Archive:
    """The archive of one version. Made without reading its files; `read` reads them, a piece at a time."""

    def __init__(self, store: Store, version: ModelVersion) -> None:
        """Raises BadModel when the version does not say which files it has."""
        self._store = store
        self._version = version
        self._parts = self._make_parts()
        self.size_bytes = sum(part.length for part in self._parts) + len(_END)

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"{self._version.model}-{self._version.version}.dixmodel"

    @property
    def tag(self) -> str:
        """Another archive has another one; the files are in it by their digests."""
        return hashlib.sha256(self._parts[0].content or b"").hexdigest()

    def check(self) -> None:
        """Raises BadModel when a file is gone or has another size: better said before than in the middle."""
        for part in self._parts[1:]:
            try:
                with self._store.open(part.uri) as stream:
                    length = stream.seek(0, io.SEEK_END)
            except NotFound:
                length = -1
            if length != part.size_bytes:
                raise BadModel(self._version.uri, f"{part.uri} is missing, or not as long as it was")

    def read(self, begin: int = 0) -> Iterator[bytes]:
        """The bytes from a place on.

        Raises ChecksumMismatch in the middle when a file is not what was registered, so that nobody takes it for whole.
        """
        place = 0
        for part in self._parts:
            if place + part.length > begin:
                yield from self._read_part(part, max(0, begin - place))
            place += part.length
        yield _END[max(0, begin - place) :]

    def _make_parts(self) -> list[_Part]:
        manifest = self._version.manifest
        if "files" not in manifest:
            raise BadModel(self._version.uri, "its manifest does not say which files it has")
        head = make_head(self._version)
        first = _Part(self._make_header(HEAD_FILE, len(head)), len(head), head)
        return [first, *map(self._make_part, manifest["files"])]

    def _make_part(self, entry: dict[str, Any]) -> _Part:
        header = self._make_header(f"{MODEL_FOLDER}/{entry['path']}", entry["size_bytes"])
        uri = f"{self._version.uri}/{entry['path']}"
        return _Part(header, entry["size_bytes"], uri=uri, sha256=entry["sha256"])

    def _make_header(self, path: str, size_bytes: int) -> bytes:
        info = tarfile.TarInfo(path)
        info.size = size_bytes
        info.mtime = int(self._version.created.timestamp())
        return info.tobuf(tarfile.PAX_FORMAT)

    def _read_part(self, part: _Part, skip: int) -> Iterator[bytes]:
        header = part.header[skip:]
        if header:
            yield header
        skip = max(0, skip - len(part.header))
        if part.content is not None:
            yield part.content[skip:]
        elif skip < part.size_bytes:
            yield from self._read_file(part, skip)
        yield bytes(part.padding - max(0, skip - part.size_bytes))

    def _read_file(self, part: _Part, skip: int) -> Iterator[bytes]:
        """What stands before `skip` is read, too: the digest is that of the whole file."""
        digest, place = hashlib.sha256(), 0
        with self._store.open(part.uri) as stream:
            while chunk := stream.read(min(_CHUNK_BYTES, part.size_bytes - place)):
                digest.update(chunk)
                place += len(chunk)
                if place == part.size_bytes and digest.hexdigest() != part.sha256:
                    break  # without its last piece nobody can take it for whole
                if place > skip:
                    yield chunk[max(0, skip - place + len(chunk)) :]
            else:
                if place == part.size_bytes:
                    return
        raise ChecksumMismatch(part.uri, part.sha256, digest.hexdigest())
