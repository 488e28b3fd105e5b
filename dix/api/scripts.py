"""Code of users over HTTP: bring it into the store, under what it holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from dix.api.archive import extract
from dix.api.data import receive
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer
from dix.errors import NotAllowed
from dix.records.member import Role
from dix.store.kept_code import keep_code

router = APIRouter(prefix="/api/v1/scripts", tags=["scripts"])


class CodeAnswer(Answer):
    """Code that is kept; `uri` is what stands after `code:` in a flow."""

    uri: str
    sha256: str
    files: int
    bytes: int


@router.post("", status_code=201)
async def send_code(parts: PartsHere, reach: ReachHere, request: Request) -> CodeAnswer:
    """Keep the files of a tar archive as code; the same files have the same address."""
    if not reach.caller.is_administrator and not reach.caller.has_role_anywhere(Role.USER):
        raise NotAllowed("bring code (that takes the role user in a project)")
    with tempfile.TemporaryDirectory(prefix="dix-code-") as folder:
        await receive(request, Path(folder) / "tar")
        return await run_in_threadpool(_keep, parts, Path(folder))


def _keep(parts: Parts, folder: Path) -> CodeAnswer:
    size = extract(folder / "tar", folder / "code")
    kept = keep_code(parts.store, folder / "code")
    return CodeAnswer(uri=kept.folder, sha256=kept.digest, files=size.files, bytes=size.bytes)
