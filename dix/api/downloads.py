"""Downloads that can go on: a file of the store, or what comes of it from a byte on."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import Header
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from dix.api.tags import is_known
from dix.errors import BadValue
from dix.records.tag import make_tag
from dix.store.store import Store

CHUNK_BYTES = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})\Z")

Range = Annotated[str | None, Header(description="bytes=N- for what comes from byte N on, bytes=N-M up to M")]
IfRange = Annotated[str | None, Header(description="The ETag of the part that is there already; else all comes")]


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is now."""

    size_bytes: int
    tag: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request says of the part that it wants, and of what it has."""

    range: str | None = None
    if_range: str | None = None
    if_none_match: str | None = None


def make_download(store: Store, uri: str, wanted: Wanted) -> Response:
    """The answer with the bytes that are wanted; its tag is another one when the file is."""
    file = _look(store, uri)
    if wanted.if_none_match is not None and is_known(file.tag, wanted.if_none_match):
        return Response(status_code=304, headers={"ETag": f'"{file.tag}"'})
    begin, end = 0, file.size_bytes
    is_part = wanted.range is not None and wanted.if_range in {None, f'"{file.tag}"'}
    if is_part:
        begin, end = _read_range(str(wanted.range), file.size_bytes)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": "attachment",
        "Content-Length": str(end - begin),
        "ETag": f'"{file.tag}"',
    }
    if file.sha256 is not None:
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
    if is_part:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size_bytes}"
    stream = store.open(uri)
    stream.seek(begin)
    chunks = _read_chunks(stream, end - begin)
    return StreamingResponse(chunks, 206 if is_part else 200, headers, media_type="application/octet-stream")


def _look(store: Store, uri: str) -> _File:
    """The file's size and tag; the SHA-256 is known of what was committed."""
    digest = store.find_digest(uri)
    with store.open(uri) as stream:
        stream.seek(0, 2)
        size = stream.tell()
    if digest is not None:
        return _File(size, make_tag(digest), digest)
    filesystem, path = store.filesystem(uri)
    facts = filesystem.info(path, refresh=True)
    tag = make_tag(facts.get("ETag"), facts.get("mtime"), facts.get("ino"), size)
    return _File(size, tag, None)


def _read_range(text: str, size: int) -> tuple[int, int]:
    """The first byte and the one after the last."""
    match = _RANGE.match(text.strip())
    begin = int(match[1]) if match else size
    end = min(size, int(match[2]) + 1) if match and match[2] else size
    if match is None or begin >= end:
        raise HTTPException(416, str(BadValue("Range", f"bytes=N- or bytes=N-M within {size} bytes", text)))
    return begin, end


def _read_chunks(stream: BinaryIO, left: int) -> Iterator[bytes]:
    with stream:
        while left > 0 and (chunk := stream.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk
