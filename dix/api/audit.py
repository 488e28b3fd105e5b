"""The audit over HTTP: who did what. Administrators read all of it, managers what was done in their projects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from dix.api.caller import CallerHere
from dix.api.lists import Sort
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer, Cursor, Limit, ListAnswer, Moment, read_moment
from dix.errors import NotAllowed
from dix.records.audit_entry import AuditEntry, AuditFilter
from dix.records.caller import Caller
from dix.records.member import Role
from dix.records.sort import read_sort

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

_PAGE = 1000
_FIELDS = ("seq", "at", "user", "token", "action", "kind", "name", "project", "address", "status", "problem")
# A spreadsheet takes a text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

User = Annotated[str | None, Query(description="Only what this user did")]
Action = Annotated[str | None, Query(description="Only this operation, by its name in this document: cancel_run")]
Kind = Annotated[str | None, Query(description="Only what was done to this kind of thing: run, flow, model, user ...")]
Name = Annotated[str | None, Query(description="Only what was done to this thing, and to what is in it: own, own/KEY")]
Since = Annotated[str | None, Query(description="From this date or time on; UTC without an offset")]
Until = Annotated[str | None, Query(description="Up to this date or time, without it")]
Failed = Annotated[bool | None, Query(description="Only what was refused or went wrong; false: only what did not")]


class AuditAnswer(Answer):
    """One thing that somebody did or tried to do."""

    seq: int
    at: Moment
    user: str | None = Field(description="Null where nobody had said yet who they are")
    token: str | None = Field(description="The id of the token that was shown")
    action: str = Field(description="The operation's name in this document")
    kind: str | None
    name: str | None
    project: str | None
    address: str | None = Field(description="Where it came from")
    status: int = Field(description="The HTTP status of the answer")
    problem: str | None = Field(description="The type of the problem that was the answer")


async def _read_filter(
    caller: CallerHere,
    *,
    user: User = None,
    action: Action = None,
    kind: Kind = None,
    name: Name = None,
    project: str | None = None,
    since: Since = None,
    until: Until = None,
    failed: Failed = None,
) -> AuditFilter:
    first = None if since is None else read_moment("since", since)
    last = None if until is None else read_moment("until", until)
    return AuditFilter(user, action, kind, name, project, first, last, failed, _find_projects(caller))


Wanted = Annotated[AuditFilter, Depends(_read_filter)]


@router.get("")
def list_audit(
    parts: PartsHere, wanted: Wanted, limit: Limit = 50, cursor: Cursor = None, sort: Sort = None
) -> ListAnswer[AuditAnswer]:
    """What was done, newest first unless another order is asked for."""
    page = parts.catalog.audit.list_entries(wanted, limit, cursor, read_sort(sort))
    return ListAnswer(items=[AuditAnswer.model_validate(entry) for entry in page.items], next_cursor=page.next_cursor)


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def export_audit(parts: PartsHere, wanted: Wanted) -> StreamingResponse:
    """The whole of it as comma-separated values, newest first."""
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_write_csv(parts, wanted), media_type="text/csv; charset=utf-8", headers=headers)


def _find_projects(caller: Caller) -> tuple[str, ...] | None:
    """Whose entries are shown; None for all. Raises NotAllowed for who manages nothing."""
    if caller.is_administrator:
        return None
    managed = tuple(project for project, role in caller.roles.items() if role.covers(Role.MANAGER))
    if not managed:
        raise NotAllowed("read the audit (that takes a manager of a project, or an administrator)")
    return managed


def _write_csv(parts: Parts, wanted: AuditFilter) -> Iterator[str]:
    yield _write_line(_FIELDS)
    cursor = None
    while True:
        page = parts.catalog.audit.list_entries(wanted, _PAGE, cursor)
        yield "".join(_write_line(_list_values(entry)) for entry in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _list_values(entry: AuditEntry) -> list[str]:
    shown = AuditAnswer.model_validate(entry).model_dump(mode="json")
    texts = ("" if shown[field] is None else str(shown[field]) for field in _FIELDS)
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in texts]


def _write_line(values: list[str] | tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
