"""Events over HTTP: of one run, and of all; followers go on from any number, and need not ask again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from dix.api.caller import CallerHere
from dix.api.following import EventSource, find_end
from dix.api.parts import Parts, PartsHere
from dix.api.reasons import Reasons, ReasonsHere
from dix.api.shapes import Answer, Limit, ListAnswer, Moment, Plain
from dix.api.streams import STREAM, LastEventId, find_caller, make_stream, read_last_id, wants_stream
from dix.api.watch import EventWatch
from dix.errors import NotAuthenticated, NotFound
from dix.records.event import Event
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import run_is_over

router = APIRouter(prefix="/api/v1", tags=["runs"])

LONGEST_WAIT_S = 30.0
After = Annotated[int, Query(ge=0, le=2**62, description="Only events with a greater number")]
Wait = Annotated[
    float, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for an event, when there is none yet")
]


class EventAnswer(Answer):
    """Something that happened; `seq` grows, `node` is null for the run itself."""

    seq: int
    run: str
    node: str | None
    attempt: int
    kind: str
    at: Moment
    data: dict[str, Plain]


class LastAnswer(Answer):
    """Where the stream of all events stands."""

    seq: int = Field(description="The number of the last event; who follows from now on begins after it")


@router.get("/events", response_model=ListAnswer[EventAnswer], responses=STREAM)
async def list_all_events(
    request: Request,
    parts: PartsHere,
    caller: CallerHere,
    reasons: ReasonsHere,
    *,
    after: After = 0,
    limit: Limit = 1000,
    wait: Wait = 0,
    last_event_id: LastEventId = None,
) -> ListAnswer[EventAnswer] | Response:
    """A log, in the order in which it was written: events of all runs after the one numbered `after`.

    The cursor is the number to go on `after`.
    """
    if wants_stream(request):
        return _stream(request, parts, None, read_last_id(last_event_id, after), reasons)
    return await _list(request, parts, None, _Wish(after, limit, wait, caller.sight), reasons)


@router.get("/events/last")
def get_last_event(parts: PartsHere) -> LastAnswer:
    """The number of the last event there is."""
    return LastAnswer(seq=parts.catalog.telemetry.find_last_event())


@router.get("/runs/{id}/events", response_model=ListAnswer[EventAnswer], responses=STREAM)
async def list_events(
    id: str,
    request: Request,
    parts: PartsHere,
    reasons: ReasonsHere,
    *,
    after: After = 0,
    limit: Limit = 1000,
    wait: Wait = 0,
    last_event_id: LastEventId = None,
) -> ListAnswer[EventAnswer] | Response:
    """A log, in the order in which it was written: events of one run after the one numbered `after`.

    The cursor is the number to go on `after`.
    """
    run = await run_in_threadpool(parts.catalog.runs.get_run, id)
    if wants_stream(request):
        return _stream(request, parts, id, read_last_id(last_event_id, after), reasons)
    # In a run that is over nothing happens any more.
    return await _list(request, parts, id, _Wish(after, limit, 0.0 if run_is_over(run.state) else wait), reasons)


@dataclass(frozen=True, slots=True)
class _Wish:
    """Which events of those that are wanted, and how long to wait for the first."""

    after: int
    limit: int
    wait_s: float
    sight: Sight = EVERYTHING


async def _list(
    request: Request, parts: Parts, run: str | None, wish: _Wish, reasons: Reasons
) -> ListAnswer[EventAnswer]:
    watch: EventWatch = request.app.state.watch
    telemetry = parts.catalog.telemetry
    deadline = time.monotonic() + wish.wait_s
    while True:
        # The last number is read first: whatever comes after it wakes us.
        last = await run_in_threadpool(telemetry.find_last_event)
        events = await run_in_threadpool(telemetry.list_events, run, wish.after, wish.limit, wish.sight)
        left_s = deadline - time.monotonic()
        if events or left_s <= 0 or not await watch.wait_after(max(last, wish.after), left_s):
            return await run_in_threadpool(_show, events, wish.limit, reasons)
        wish = await _look_again(request, parts, run, wish)


async def _look_again(request: Request, parts: Parts, run: str | None, wish: _Wish) -> _Wish:
    """The wish of a caller who has waited, and may see less by now; raises NotAuthenticated and NotFound."""
    caller = await find_caller(request)
    if caller is None:
        raise NotAuthenticated("this server")
    if run is None:
        return replace(wish, sight=caller.sight)
    if await run_in_threadpool(find_end, parts, run, caller) is None:
        raise NotFound("run", run)
    return wish


def _stream(request: Request, parts: Parts, run: str | None, after: int, reasons: Reasons) -> Response:
    source = EventSource(parts, request.app.state.watch, partial(_show_event, reasons), run, after)
    return make_stream(request, source)


def _show(events: tuple[Event, ...], limit: int, reasons: Reasons) -> ListAnswer[EventAnswer]:
    items = [_show_event(reasons, event) for event in events]
    return ListAnswer[EventAnswer](items=items, next_cursor=str(items[-1].seq) if len(items) == limit else None)


def _show_event(reasons: Reasons, event: Event) -> EventAnswer:
    answer = EventAnswer.model_validate(event)
    if "reason" in event.data:
        answer.data = {**event.data, "reason": reasons.tell(event.data["reason"])}
    return answer
