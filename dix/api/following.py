"""What can be followed: events, the numbers of a run, and what its steps print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dix.api.parts import Parts
from dix.api.streams import News
from dix.api.watch import EventWatch
from dix.errors import NotFound
from dix.records.caller import Caller
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page
from dix.records.states import run_is_over

_EVENTS_AT_ONCE = 1000
# The id of the last lines of a run that is over.
OVER = "over"


@dataclass(slots=True)
class EventSource:
    """The events of a run, or of all that the caller sees."""

    parts: Parts
    watch: EventWatch
    show: Callable[[Event], BaseModel]
    run: str | None
    after: int
    last: int = 0

    async def read(self, caller: Caller) -> News | None:
        """Events after the last one that was read."""
        return await run_in_threadpool(self._read, caller)

    async def wait(self, timeout_s: float) -> bool:
        """Until anything has happened in any run."""
        return await self.watch.wait_after(max(self.last, self.after), timeout_s)

    def _read(self, caller: Caller) -> News | None:
        telemetry = self.parts.catalog.telemetry
        # Before the state: the end of the run, if it comes in between, is then waited for no longer.
        self.last = telemetry.find_last_event()
        is_over = False if self.run is None else find_end(self.parts, self.run, caller)
        if is_over is None:
            return None
        events = telemetry.list_events(self.run, self.after, _EVENTS_AT_ONCE, caller.sight)
        self.after = events[-1].seq if events else self.after
        items = tuple((str(event.seq), self.show(event)) for event in events)
        return News(items, is_over and len(events) < _EVENTS_AT_ONCE)


@dataclass(slots=True)
class MetricSource:
    """The numbers of a run, in the order in which they came."""

    parts: Parts
    watch: EventWatch
    show: Callable[[MetricPoint], BaseModel]
    run: str
    node: str | None
    name: str | None
    after: int
    last: int = 0

    async def read(self, caller: Caller) -> News | None:
        """Numbers after the last one that was read."""
        return await run_in_threadpool(self._read, caller)

    async def wait(self, timeout_s: float) -> bool:
        """Until any run has reported anything."""
        return await self.watch.wait_after(max(self.last, self.after), timeout_s)

    def _read(self, caller: Caller) -> News | None:
        telemetry = self.parts.catalog.telemetry
        self.last = telemetry.find_last_number()  # before the state, as above
        is_over = find_end(self.parts, self.run, caller)
        if is_over is None:
            return None
        points = telemetry.list_metrics(self.run, self.node, self.name, self.after)
        self.after = max((point.seq for point in points), default=self.after)
        ordered = sorted(points, key=lambda point: point.seq)
        return News(tuple((str(point.seq), self.show(point)) for point in ordered), is_over)


@dataclass(slots=True)
class LogSource:
    """What the steps of a run print: a page of lines is one message, whose id is the cursor after it."""

    parts: Parts
    watch: EventWatch
    show: Callable[[Page[LogLine]], BaseModel]
    run: str
    node: str | None
    attempt: int | None
    search: str | None
    cursor: str | None
    seen: int = 0

    async def read(self, caller: Caller) -> News | None:
        """Lines after the cursor."""
        return await run_in_threadpool(self._read, caller)

    async def wait(self, timeout_s: float) -> bool:
        """Until the run has printed anything, or is over."""
        return await self.watch.wait_after(self.seen, timeout_s)

    def _read(self, caller: Caller) -> News | None:
        if find_end(self.parts, self.run, caller) is None:
            return None
        if self.cursor == OVER:
            return News((), is_over=True)
        self.seen = self.watch.last
        read = self.parts.engine.read_logs
        page = read(self.run, self.node, self.attempt, cursor=self.cursor, search=self.search)
        while not page.items and page.next_cursor not in {None, self.cursor}:  # a search that goes on
            self.cursor = page.next_cursor
            page = read(self.run, self.node, self.attempt, cursor=self.cursor, search=self.search)
        self.cursor = page.next_cursor or OVER
        items = ((self.cursor, self.show(page)),) if page.items else ()
        return News(items, page.next_cursor is None)


def find_end(parts: Parts, run: str, caller: Caller) -> bool | None:
    """Whether a run is over; None when the caller may not see it, or not any more."""
    try:
        found = parts.catalog.runs.get_run(run)
    except NotFound:
        return None
    return run_is_over(found.state) if caller.sight.sees_run(found.project, found.flow) else None
