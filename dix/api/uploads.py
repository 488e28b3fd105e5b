"""Uploads that can go on: begin one, send its bytes in pieces, each after those before, and complete it.

Who is cut off asks for the upload, which says at which byte to go on. What was sent appears in the store when it is
complete and its SHA-256 is the one that the sender has counted, whole or not at all.
"""

from __future__ import annotations

import asyncio
import tempfile
import weakref
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from dix.api.caller import CallerHere
from dix.api.data import SizeAnswer, check_target
from dix.api.guard import MAX_BODY_BYTES
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, Body
from dix.api.store_reach import StoreReachHere
from dix.api.upload_shelf import Upload, UploadShelf

router = APIRouter(prefix="/api/v1/uploads", tags=["data"])

# One piece of an upload is written by one request at a time.
_locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()


class UploadBody(Body):
    """What shall be sent where."""

    uri: str = Field(min_length=1, description="A path in the store, or file:// or s3://")
    size_bytes: int | None = Field(default=None, ge=0, le=2**50)


class CompleteBody(Body):
    """What was sent."""

    sha256: str = Field(pattern=r"^[0-9a-fA-F]{64}$", description="Of all bytes")


class UploadAnswer(Answer):
    """How far an upload is."""

    id: str
    uri: str
    size_bytes: int | None
    offset: int = Field(description="How many bytes are there: go on at this one")
    most_bytes: int = Field(description="A piece may have so many bytes")


@router.post("", status_code=201)
def begin_upload(body: UploadBody, parts: PartsHere, reach: StoreReachHere, caller: CallerHere) -> UploadAnswer:
    """Begin an upload; it is kept for a day after the last piece."""
    target = check_target(parts, reach, body.uri)
    shelf = make_shelf(parts)
    return _show(shelf, shelf.begin(caller.user, target, body.size_bytes))


@router.get("/{id}")
def get_upload(id: str, parts: PartsHere, caller: CallerHere) -> UploadAnswer:
    """How far one of the caller's own uploads is."""
    shelf = make_shelf(parts)
    return _show(shelf, shelf.find(id, caller.user))


@router.patch(
    "/{id}",
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
async def send_upload(
    id: str,
    parts: PartsHere,
    caller: CallerHere,
    request: Request,
    offset: Annotated[int, Query(ge=0, le=2**50, description="How many bytes were sent before; 409 for another")],
) -> UploadAnswer:
    """Send a piece: the body, byte for byte. What came of one that was cut off is kept."""
    shelf = make_shelf(parts)
    upload = await run_in_threadpool(shelf.find, id, caller.user)
    async with _locks.setdefault(id, asyncio.Lock()):
        await run_in_threadpool(shelf.check_offset, upload, offset)
        async for chunk in request.stream():
            if chunk:
                await run_in_threadpool(shelf.add, upload, chunk)
    return _show(shelf, upload)


@router.post("/{id}/complete", status_code=201)
def complete_upload(
    id: str, body: CompleteBody, parts: PartsHere, reach: StoreReachHere, caller: CallerHere
) -> SizeAnswer:
    """Put what was sent into the store, once it is what the sender has counted."""
    shelf = make_shelf(parts)
    upload = shelf.find(id, caller.user)
    target = check_target(parts, reach, upload.uri)
    size = shelf.check_whole(upload, body.sha256)
    parts.store.put(shelf.path(upload), target)
    shelf.forget(upload)
    return SizeAnswer(uri=target, files=1, bytes=size, sha256=body.sha256.lower())


@router.delete("/{id}", status_code=204)
def delete_upload(id: str, parts: PartsHere, caller: CallerHere) -> Response:
    """Give an upload up."""
    shelf = make_shelf(parts)
    shelf.forget(shelf.find(id, caller.user))
    return Response(status_code=204)


def make_shelf(parts: Parts) -> UploadShelf:
    """Of this installation, on the machine of the server: a server that starts anew finds it again."""
    return UploadShelf(Path(tempfile.gettempdir()) / f"dix-uploads-{parts.token_hash[:12]}")


def _show(shelf: UploadShelf, upload: Upload) -> UploadAnswer:
    return UploadAnswer(
        id=upload.id,
        uri=upload.uri,
        size_bytes=upload.size_bytes,
        offset=shelf.measure(upload),
        most_bytes=MAX_BODY_BYTES,
    )
