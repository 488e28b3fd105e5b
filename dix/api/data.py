"""The store over HTTP: look into it, bring files there and back.

Files stream in both directions. An upload is kept in a temporary file until it is complete, so that what appears in the
store appears whole; a folder comes as one tar archive and is committed as a whole.
"""

from __future__ import annotations

import tempfile
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from dix.api.archive import unpack
from dix.api.downloads import IfRange, Range, Wanted, make_download
from dix.api.lists import Asked, AskedHere, Fields, Search, contains, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, ListAnswer
from dix.api.store_reach import StoreReach, StoreReachHere
from dix.api.tags import IfNoneMatchRead
from dix.errors import NotFound
from dix.store.listing import StoredFile, StoredFolder

router = APIRouter(prefix="/api/v1/data", tags=["data"])

Uri = Annotated[str, Query(description="A path in the store, or file:// or s3://; names are not percent-encoded")]


_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "kind", "size_bytes")}


class EntryAnswer(Answer):
    """One thing in a folder. `name` is its path from the folder that was asked for."""

    name: str
    uri: str
    kind: Literal["folder", "file"]
    size_bytes: int | None = None


class SizeAnswer(Answer):
    """How much lies at a URI."""

    uri: str
    files: int
    bytes: int
    sha256: str | None = Field(default=None, description="Of a file, where it is known")


@router.get("")
def list_folder(
    parts: PartsHere,
    reach: StoreReachHere,
    asked: AskedHere,
    uri: Uri = "",
    search: Search = None,
) -> ListAnswer[EntryAnswer]:
    """One level of a folder, the store's own by default: folders, then files, unless another order is asked for."""
    folder = _resolve(parts, uri)
    reach.check_read(folder)
    try:
        level = parts.store.list_folder(folder)
    except NotFound:
        if folder != parts.store.url:
            raise
        return _make_page([], asked)
    items = [_show(folder, item) for item in level.folders]
    items += [_show(folder, item) for item in level.files]
    return _make_page([item for item in items if reach.sees(item.uri) and contains(search, item.name)], asked)


@router.get("/files")
def list_files(
    parts: PartsHere, reach: StoreReachHere, asked: AskedHere, uri: Uri, search: Search = None
) -> ListAnswer[EntryAnswer]:
    """The file itself, or every file below a folder at any depth."""
    folder = _resolve(parts, uri)
    files = _list_files(parts, reach, folder)
    if len(files) == 1 and _is_file(folder, files[0]):
        folder = folder.rpartition("/")[0]
    items = [_show(folder, file) for file in files]
    return _make_page([item for item in items if contains(search, item.name)], asked)


@router.get("/measure")
def measure(parts: PartsHere, reach: StoreReachHere, uri: Uri) -> SizeAnswer:
    """How many files lie at or below a URI, and how many bytes they have."""
    place = parts.store.resolve(uri)
    files = _list_files(parts, reach, place)
    size = sum(file.size_bytes for file in files)
    digest = parts.store.find_digest(place) if len(files) == 1 and _is_file(place, files[0]) else None
    return SizeAnswer(uri=place, files=len(files), bytes=size, sha256=digest)


@router.get("/file", response_class=StreamingResponse, responses={206: {"description": "A part"}})
def download(
    parts: PartsHere,
    reach: StoreReachHere,
    uri: Uri,
    *,
    range: Range = None,
    if_range: IfRange = None,
    if_none_match: IfNoneMatchRead = None,
) -> Response:
    """The bytes of a file, all or from one on; `Repr-Digest` has the SHA-256 where it is known."""
    reach.check_read(uri)
    return make_download(parts.store, uri, Wanted(range, if_range, if_none_match))


@router.put("/file", status_code=201)
async def upload(parts: PartsHere, reach: StoreReachHere, uri: Uri, request: Request) -> SizeAnswer:
    """Write a file: the body, byte for byte."""
    target = await run_in_threadpool(check_target, parts, reach, uri)
    with tempfile.TemporaryDirectory(prefix="dix-upload-") as folder:
        size = await receive(request, Path(folder) / "file")
        await run_in_threadpool(parts.store.put, Path(folder) / "file", target)
    return SizeAnswer(uri=target, files=1, bytes=size)


@router.put("/folder", status_code=201)
async def upload_folder(parts: PartsHere, reach: StoreReachHere, uri: Uri, request: Request) -> SizeAnswer:
    """Make a folder hold exactly the files of a tar archive, at once and whole."""
    target = await run_in_threadpool(check_target, parts, reach, uri)
    with tempfile.TemporaryDirectory(prefix="dix-upload-") as folder:
        await receive(request, Path(folder) / "tar")
        size = await run_in_threadpool(unpack, Path(folder) / "tar", parts.store, target)
    return SizeAnswer(uri=target, files=size.files, bytes=size.bytes)


def _make_page(items: list[EntryAnswer], asked: Asked) -> ListAnswer[EntryAnswer]:
    page = make_page(items, _FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


def _resolve(parts: Parts, uri: str) -> str:
    return parts.store.resolve(uri) if uri else parts.store.url


def check_target(parts: Parts, reach: StoreReach, uri: str) -> str:
    """The place that a URI names, if the caller may write there."""
    target = parts.store.resolve(uri)
    reach.check_write(target)
    return target


def _list_files(parts: Parts, reach: StoreReach, folder: str) -> list[StoredFile]:
    """Those that are seen."""
    reach.check_read(folder)
    return [file for file in parts.store.list_files(folder) if reach.sees(file.uri)]


def _show(folder: str, item: StoredFile | StoredFolder) -> EntryAnswer:
    if isinstance(item, StoredFolder):
        return EntryAnswer(name=item.name, uri=f"{folder}/{item.name}", kind="folder")
    return EntryAnswer(name=item.path, uri=f"{folder}/{item.path}", kind="file", size_bytes=item.size_bytes)


def _is_file(uri: str, file: StoredFile) -> bool:
    return file.uri == uri


async def receive(request: Request, path: Path) -> int:
    """Write the body to a file as it comes; returns how many bytes it had."""
    size = 0
    with path.open("wb") as out:
        async for chunk in request.stream():
            size += len(chunk)
            await run_in_threadpool(out.write, chunk)
    return size
