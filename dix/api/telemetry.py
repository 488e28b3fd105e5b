"""What runs tell of themselves over HTTP: their numbers and what their steps printed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Cursor, ListAnswer, Moment, PlainNumber

router = APIRouter(prefix="/api/v1/runs/{id}", tags=["runs"])


class MetricAnswer(Answer):
    """One number that a step reported, at a position (the epoch) on its curve; `seq` grows."""

    node: str
    attempt: int
    name: str
    position: int
    value: PlainNumber
    at: Moment
    seq: int


class LogAnswer(Answer):
    """One line that a step printed; `line` counts those of its attempt from 1."""

    node: str
    attempt: int
    at: Moment
    stream: str
    text: str
    line: int


@router.get("/metrics")
def list_metrics(
    id: str,
    parts: PartsHere,
    *,
    node: str | None = None,
    name: str | None = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only numbers with a greater seq: what is new")] = 0,
) -> ListAnswer[MetricAnswer]:
    """Every number the run's steps reported, by node, name, attempt and position."""
    parts.catalog.runs.get_run(id)
    points = parts.catalog.telemetry.list_metrics(id, node, name, after)
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
    """Lines of a run, step by step, of those that contain `search` (in any case).

    While the run goes on there is always a cursor. An empty page with the cursor that was given means that there is
    nothing more now; with another one the search goes on there.
    """
    page = parts.engine.read_logs(id, node, attempt, cursor=cursor, search=search)
    return ListAnswer(items=[LogAnswer.model_validate(line) for line in page.items], next_cursor=page.next_cursor)
