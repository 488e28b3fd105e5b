"""What runs tell of themselves over HTTP: their numbers and what their steps printed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dix.api.following import OVER, LogSource, MetricSource
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Cursor, ListAnswer, Moment, PlainNumber
from dix.api.streams import STREAM, LastEventId, make_stream, read_last_id, wants_stream
from dix.records.log_line import LogLine
from dix.records.page import Page

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


@router.get("/metrics", response_model=ListAnswer[MetricAnswer], responses=STREAM)
def list_metrics(
    id: str,
    request: Request,
    parts: PartsHere,
    *,
    node: str | None = None,
    name: str | None = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only numbers with a greater seq: what is new")] = 0,
    last_event_id: LastEventId = None,
) -> ListAnswer[MetricAnswer] | Response:
    """Every number the run's steps reported, by node, name, attempt and position.

    It is one document of the run, which comes whole, or what is new in it.
    """
    parts.catalog.runs.get_run(id)
    if wants_stream(request):
        begin, watch = read_last_id(last_event_id, after), request.app.state.number_watch
        source = MetricSource(parts, watch, MetricAnswer.model_validate, id, node, name, begin)
        return make_stream(request, source)
    points = parts.catalog.telemetry.list_metrics(id, node, name, after)
    return ListAnswer(items=[MetricAnswer.model_validate(point) for point in points])


@router.get("/logs", response_model=ListAnswer[LogAnswer], responses=STREAM)
def read_logs(
    id: str,
    request: Request,
    parts: PartsHere,
    *,
    node: str | None = None,
    attempt: Annotated[int | None, Query(ge=1)] = None,
    search: str | None = None,
    cursor: Cursor = None,
    last_event_id: LastEventId = None,
) -> ListAnswer[LogAnswer] | Response:
    """Lines of a run, step by step, of those that contain `search` (in any case).

    It is a log, in the order in which it was written. While the run goes on there is always a cursor. An empty page
    with the cursor that was given means that there is nothing more now; with another one the search goes on there. In a
    stream each page is one message.
    """
    if wants_stream(request):
        begin, watch = last_event_id or cursor, request.app.state.log_watches.find(id)
        # What is wrong is told before all else.
        parts.engine.read_logs(id, node, attempt, cursor=None if begin == OVER else begin, search=search)
        return make_stream(request, LogSource(parts, watch, _show_lines, id, node, attempt, search, begin))
    page = parts.engine.read_logs(id, node, attempt, cursor=cursor, search=search)
    return _show_lines(page)


def _show_lines(page: Page[LogLine]) -> ListAnswer[LogAnswer]:
    items = [LogAnswer.model_validate(line) for line in page.items]
    return ListAnswer[LogAnswer](items=items, next_cursor=page.next_cursor)
