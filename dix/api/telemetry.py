"""What runs tell of themselves over HTTP: their numbers and what their steps printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Cursor, ListAnswer, Moment, PlainNumber
from dix.records.log_line import LogLine
from dix.records.page import Page

router = APIRouter(prefix="/api/v1/runs/{id}", tags=["runs"])


class MetricAnswer(Answer):
    """One number that a step reported, at a position (the epoch) on its curve."""

    node: str
    attempt: int
    name: str
    position: int
    value: PlainNumber
    at: Moment


class LogAnswer(Answer):
    """One line that a step printed."""

    node: str
    attempt: int
    at: Moment
    stream: str
    text: str


@router.get("/metrics")
def list_metrics(
    id: str, parts: PartsHere, node: str | None = None, name: str | None = None
) -> ListAnswer[MetricAnswer]:
    """Every number the run's steps reported, by node, name, attempt and position."""
    parts.catalog.runs.get_run(id)
    points = parts.catalog.telemetry.list_metrics(id, node, name)
    return ListAnswer(items=[MetricAnswer.model_validate(point) for point in points])


@router.get("/logs")
def read_logs(
    id: str,
    parts: PartsHere,
    *,
    node: str | None = None,
    attempt: Annotated[int | None, Query(ge=1)] = None,
    search: str | None = None,
    cursor: Cursor = None,
) -> ListAnswer[LogAnswer]:
    """Lines of a run, step by step. While it goes on there is always a cursor, and a page may be empty."""

    def read(cursor: str | None) -> Page[LogLine]:
        return parts.engine.read_logs(id, node, attempt, cursor)

    page = _find_matching(read, search or "", cursor)
    return ListAnswer(items=[LogAnswer.model_validate(line) for line in page.items], next_cursor=page.next_cursor)


def _find_matching(read: Callable[[str | None], Page[LogLine]], search: str, cursor: str | None) -> Page[LogLine]:
    """The next page with a line that matches: an empty one always means that there is nothing more now."""
    wanted = search.casefold()
    while True:
        page = read(cursor)
        found = tuple(line for line in page.items if wanted in line.text.casefold())
        if found or not page.items or page.next_cursor is None:
            return Page(found, page.next_cursor)
        cursor = page.next_cursor
