"""Models that go elsewhere and come from there, over HTTP: one file each way, in constant memory."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from dix.api.caller import CallerHere
from dix.api.data import receive
from dix.api.models import ModelAnswer, show_model
from dix.api.origin import hide_origin
from dix.api.parts import Parts, PartsHere
from dix.api.reach import Reach, ReachHere
from dix.api.shapes import VersionAsked
from dix.api.store_reach import StoreReach
from dix.errors import BadValue
from dix.frameworks.foreign import check_foreign
from dix.names import check_name
from dix.records.member import Role
from dix.registry.importing import Import

router = APIRouter(prefix="/api/v1/models", tags=["models"])

_MEDIA = "application/vnd.dix.model+tar"
_RANGE = re.compile(r"bytes=(\d{1,18})-\Z")

Range = Annotated[str | None, Header(description="bytes=N- for what comes from byte N on")]
IfRange = Annotated[str | None, Header(description="The ETag of the part that is there already")]
ImportName = Annotated[str | None, Query(description="The model that it becomes a version of; its own name by default")]
ImportProject = Annotated[
    str | None, Query(description="Whose it shall be; `default`, or the only one of the caller by default")
]
ImportUri = Annotated[str | None, Query(description="Where the file lies in the store, when it is not the body")]


@router.get("/{name}/versions/{version}/archive", response_class=StreamingResponse)
def export_model(
    name: str,
    version: VersionAsked,
    parts: PartsHere,
    caller: CallerHere,
    *,
    range: Range = None,
    if_range: IfRange = None,
) -> Response:
    """A version as one file: its files, what is known of it and where it comes from.

    It is always the same, byte for byte, so a transfer that broke off can go on with Range and If-Range.
    """
    found = parts.catalog.models.get_model(name, version)
    archive = parts.registry.archive(hide_origin(found, caller.sight))
    archive.check()
    tag = f'"{archive.tag}"'
    begin = _read_range(range) if if_range in {None, tag} else 0
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Disposition": f'attachment; filename="{archive.name}"'}
    if begin >= archive.size_bytes:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{archive.size_bytes}"})
    headers["Content-Length"] = str(archive.size_bytes - begin)
    if begin:
        headers["Content-Range"] = f"bytes {begin}-{archive.size_bytes - 1}/{archive.size_bytes}"
    return StreamingResponse(archive.read(begin), 206 if begin else 200, headers, _MEDIA)


@router.post("/import", status_code=201)
async def import_model(
    parts: PartsHere,
    reach: ReachHere,
    request: Request,
    *,
    name: ImportName = None,
    project: ImportProject = None,
    uri: ImportUri = None,
) -> ModelAnswer:
    """Register an exported model as the next version, if all of it is what it says it is, and nothing in it is run."""
    home = reach.home() if project is None else check_name("project", project)
    await run_in_threadpool(_check_wanted, reach, name, home)
    if uri is not None:
        await run_in_threadpool(StoreReach(parts, reach).check_read_whole, uri)
    with tempfile.TemporaryDirectory(prefix="dix-import-") as folder:
        path = Path(folder) / "archive"
        if uri is None:
            await receive(request, path)
        return await run_in_threadpool(_import, parts, reach, (path, uri), Import(name, home, reach.caller.user))


def _check_wanted(reach: Reach, name: str | None, project: str) -> None:
    """Before the bytes come."""
    reach.project(project, Role.USER)
    if name is not None:
        reach.free_model(check_name("model", name), project)


def _import(parts: Parts, reach: Reach, source: tuple[Path, str | None], wanted: Import) -> ModelAnswer:
    path, uri = source

    def check(folder: Path, model: str) -> None:
        reach.free_model(model, wanted.project)
        check_foreign(folder)

    if uri is not None:
        parts.store.fetch(uri, path)
        if path.is_dir():
            raise BadValue("uri", "a file that `dix models export` wrote", uri)
    return show_model(parts, reach.caller, parts.registry.import_archive(path, wanted, check))


def _read_range(text: str | None) -> int:
    """Where to begin; what is no such range means the whole, as HTTP has it."""
    found = _RANGE.match(text or "")
    return int(found[1]) if found else 0
