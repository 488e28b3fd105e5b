"""What runs have said: events, logs and numbers, up to now or as they come.

Its asynchronous twin. Made from dix/client/telemetry.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.telemetry import LOOK_S, WAIT_S
from dix.client.wire import join
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page
from dix.records.states import RunState, run_is_over

# how long the server holds a question for events that have not happened yet


class AsyncTelemetry:
    """The part of `client.runs` that reads what runs have said."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def events(self, id: str, after: int = 0, *, follow: bool = False) -> AsyncIterator[Event]:
        """What happened in a run after the event numbered `after`, oldest first; with `follow` until it is over."""
        async for page in self._event_pages(join("runs", id, "events"), after, follow=follow):
            for each in page:
                yield each
            if follow and not page and await self.is_over(id):
                return

    async def all_events(self, after: int | None = None, *, follow: bool = False) -> AsyncIterator[Event]:
        """What happened in all runs after the event numbered `after`, oldest first.

        With `follow` it has no end, and begins with what happens from now on when `after` is None.
        """
        path = join("events")
        if after is None:
            after = int((await self._wire.get(join("events", "last")))["seq"]) if follow else 0
        async for page in self._event_pages(path, after, follow=follow):
            for each in page:
                yield each

    async def _event_pages(self, path: str, after: int, *, follow: bool) -> AsyncIterator[tuple[Event, ...]]:
        """Up to now; with `follow` for ever, and an empty page when nothing has happened for a while."""
        while True:
            answer = await self._wire.get(path, after=after, wait=WAIT_S if follow else None)
            page = read_page(answer, lambda item: read_record(Event, item)).items
            yield page
            if not follow and answer["next_cursor"] is None:
                return
            after = page[-1].seq if page else after

    async def logs(
        self,
        id: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        search: str | None = None,
        follow: bool = False,
    ) -> AsyncIterator[LogLine]:
        """What the steps of a run printed: up to now, or with `follow` until the run is over."""
        cursor: str | None = None
        while True:
            page = await self.log_page(id, node, attempt, search=search, cursor=cursor)
            for each in page.items:
                yield each
            is_all = page.next_cursor == cursor and not page.items
            cursor = page.next_cursor
            if cursor is None or (is_all and not follow):
                return
            if is_all:
                await asyncio.sleep(LOOK_S / 2)

    async def log_page(
        self,
        id: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        search: str | None = None,
        cursor: str | None = None,
    ) -> Page[LogLine]:
        """One page of what they printed; no cursor means that nothing more will ever come.

        An empty one with the cursor that was given means that there is nothing more now; with another one the search
        goes on there.
        """
        query = {"node": node, "attempt": attempt, "search": search, "cursor": cursor}
        return read_page(
            await self._wire.get(join("runs", id, "logs"), **query), lambda item: read_record(LogLine, item)
        )

    async def metrics(
        self, id: str, node: str | None = None, name: str | None = None, after: int = 0
    ) -> Rows[MetricPoint]:
        """The numbers the steps of a run reported, by node, name, attempt and position.

        With `after`, those whose `seq` is greater: what has come since.
        """
        answer = await self._wire.get(join("runs", id, "metrics"), node=node, name=name, after=after or None)
        return Rows(read_page(answer, lambda item: read_record(MetricPoint, item, run=id)).items)

    async def follow_metrics(
        self, id: str, node: str | None = None, name: str | None = None
    ) -> AsyncIterator[MetricPoint]:
        """The numbers the steps of a run reported, and those that they report until it is over, as they come."""
        after, is_over = 0, False
        while True:
            fresh = sorted(await self.metrics(id, node, name, after), key=lambda point: point.seq)
            for each in fresh:
                yield each
            after = fresh[-1].seq if fresh else after
            if is_over:
                return
            # Looked at before the last reading: then nothing is missed.
            is_over = await self.is_over(id)
            if not is_over:
                await asyncio.sleep(LOOK_S)

    async def is_over(self, id: str) -> bool:
        """Whether nothing will change any more in a run."""
        return run_is_over(RunState((await self._wire.get(join("runs", id)))["state"]))
