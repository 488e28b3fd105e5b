"""The store, as the client sees it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal

from dix.client import direct
from dix.client.data_looks import Preview, Profile
from dix.client.packing import pack, read_chunks
from dix.client.reading import read_page, read_record
from dix.client.wire import STORE_TIMEOUT_S, Wire, join
from dix.errors import BadValue, ChecksumMismatch, NotFound, Unreachable

# Many small files wait for the way there and back; a few at a time hide it.
TRANSFERS = 8
# Larger files are sent in pieces of so many bytes.
PIECE_BYTES = 8 * 1024 * 1024
MOST_CUTS = 8
# What S3 takes in one request.
MOST_AT_ONCE = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class DataEntry:
    """One thing in a folder of the store; a folder's size is not known (None)."""

    name: str
    uri: str
    kind: Literal["folder", "file"]
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What a transfer moved, and where the data lies now."""

    uri: str
    files: int
    size_bytes: int


class Data:
    """`client.data`: look into the store, bring files there and back. A URI is a path in the store, file:// or s3://."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, uri: str = "") -> tuple[DataEntry, ...]:
        """One level of a folder; NotFound when nothing is there."""
        return read_page(self._wire.get(join("data"), uri=uri), lambda item: read_record(DataEntry, item)).items

    def measure(self, uri: str) -> dict[str, Any]:
        """How many files and bytes lie at a URI: `{uri, files, bytes}`."""
        answer: dict[str, Any] = self._wire.get(join("data", "measure"), uri=uri)
        return answer

    def preview(self, uri: str, rows: int = 20) -> Preview:
        """The first rows of a table, lines of a text, or files of anything else; nothing is moved."""
        return read_record(Preview, self._wire.get(join("data", "preview"), uri=uri, rows=rows))

    def profile(self, uri: str) -> Profile:
        """What each column of a table holds: missing and distinct values, extremes, mean, and how they spread."""
        return read_record(Profile, self._wire.get(join("data", "profile"), uri=uri))

    def read(self, uri: str, most_bytes: int) -> bytes:
        """The bytes of a file, or the first of them where it has more."""
        begin = bytearray()
        with self._wire.stream(join("data", "file"), uri=uri) as chunks:
            for chunk in chunks:
                begin += chunk
                if len(begin) >= most_bytes:
                    break
        return bytes(begin[:most_bytes])

    def send(
        self, source: BinaryIO, size_bytes: int, uri: str, on_progress: Callable[[int], None] | None = None
    ) -> Moved:
        """Send the bytes of an open file to a URI; they appear there whole or not at all.

        They go in pieces, and go on where they were cut off; `on_progress` is told after each how many are there.
        """
        answer = self._send(source, size_bytes, uri, on_progress)
        return Moved(answer["uri"], answer["files"], answer["bytes"])

    def put(self, source: Path, uri: str) -> Moved:
        """Copy a local file, or a folder with all that is in it, to a URI; it appears there whole or not at all.

        A file goes under its own name into a URI that ends with a slash. A folder replaces the one that is there.
        """
        if not source.is_dir() and not source.is_file():
            raise NotFound("local file or folder", str(source))
        with _name_trouble(source):
            if source.is_dir():
                answer = self._wire.put(join("data", "folder"), pack(source), uri=uri)
            else:
                target = uri + source.name if uri.endswith("/") else uri
                answer = self._put_file(source, target)
        return Moved(answer["uri"], answer["files"], answer["bytes"])

    def get(self, uri: str, target: Path) -> Moved:
        """Copy a file, or the content of a folder, to a local path; a file goes into a folder that is there."""
        answer = self._wire.get(join("data", "files"), uri=uri)
        files = read_page(answer, lambda item: read_record(DataEntry, item)).items
        if len(files) == 1 and files[0].uri == self.measure(uri)["uri"]:
            place = target / files[0].name if target.is_dir() else target
            return Moved(str(place), 1, self._get_file(files[0].uri, place))
        places = [_find_place(target, file.name) for file in files]
        with ThreadPoolExecutor(TRANSFERS) as pool:
            sizes = list(pool.map(self._get_file, [file.uri for file in files], places))
        return Moved(str(target), len(files), sum(sizes))

    def _put_file(self, source: Path, target: str) -> Any:
        """A large file goes in pieces, and goes on where it was cut off."""
        size = source.stat().st_size
        if size <= PIECE_BYTES:
            return self._wire.put(join("data", "file"), read_chunks(source), uri=target)
        if size <= MOST_AT_ONCE and self._put_directly(source, target):
            return {"uri": self.measure(target)["uri"], "files": 1, "bytes": size}
        with source.open("rb") as file:
            return self._send(file, size, target)

    def _send(
        self, source: BinaryIO, size_bytes: int, target: str, on_progress: Callable[[int], None] | None = None
    ) -> Any:
        """A piece at a time, each after those before."""
        upload = self._wire.post(join("uploads"), {"uri": target, "size_bytes": size_bytes})["id"]
        digest, patience, there = hashlib.sha256(), Patience(), 0
        for piece in iter(lambda: source.read(PIECE_BYTES), b""):
            self._put_piece(upload, piece, there, patience)
            digest.update(piece)
            there += len(piece)
            if on_progress is not None:
                on_progress(there)
        return self._wire.post(join("uploads", upload, "complete"), {"sha256": digest.hexdigest()}, STORE_TIMEOUT_S)

    def _put_directly(self, source: Path, target: str) -> bool:
        """Send a file to the store itself, if it can be reached from here."""
        url = self._wire.post(join("data", "upload-address"), {"uri": target})["url"]
        return url is not None and direct.put(url, source)

    def _put_piece(self, upload: str, piece: bytes, begin: int, patience: Patience) -> None:
        """Send a piece that begins at a byte; after a cut, what of it has not come."""
        there = begin
        while there < begin + len(piece):
            try:
                there = self._wire.patch_bytes(join("uploads", upload), piece[there - begin :], offset=there)["offset"]
            except Unreachable as cut:
                patience.wait(cut)
                with suppress(Unreachable):
                    there = self._wire.get(join("uploads", upload))["offset"]

    def _get_file(self, uri: str, target: Path) -> int:
        """Write beside the target first, so that nobody takes half a file for a whole one."""
        part = target.with_name(f".{target.name[:200]}.part")
        with _name_trouble(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._fetch(uri, part)
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            return target.stat().st_size

    def _fetch(self, uri: str, part: Path) -> None:
        """Bring the bytes of a file; after a cut, go on where it was, and compare with the SHA-256 if that is known."""
        facts, patience = self.measure(uri), Patience()
        with part.open("wb") as out:
            if facts["bytes"] > PIECE_BYTES:
                url = self._wire.get(join("data", "download-address"), uri=uri)["url"]
                if url is not None:
                    direct.fetch(url, out)
            while out.tell() < facts["bytes"] or not facts["bytes"]:
                try:
                    with self._wire.stream(join("data", "file"), begin=out.tell(), uri=uri) as chunks:
                        for chunk in chunks:
                            out.write(chunk)
                    break
                except Unreachable as cut:
                    patience.wait(cut)
        if facts.get("sha256") is not None:
            with part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != facts["sha256"]:
                raise ChecksumMismatch(uri, facts["sha256"], digest)


class Patience:
    """How often a transfer may be cut off before it is given up."""

    def __init__(self) -> None:
        self._cuts = 0

    def wait(self, cut: Unreachable) -> None:
        """A moment, longer each time; raises what cut it off when it was too often."""
        self._cuts += 1
        if self._cuts > MOST_CUTS:
            raise cut
        time.sleep(min(5.0, 0.1 * 2**self._cuts))


@contextmanager
def _name_trouble(path: Path) -> Iterator[None]:
    """Turn what the machine's own file system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise BadValue("local path", "a file or folder that can be used", str(path), error.strerror or "") from None


def _find_place(folder: Path, name: str) -> Path:
    """Where a file of a listing goes; a name that would lead outside of the folder is refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise BadValue("file name", "a name that can be used here", name)
    return folder / path
