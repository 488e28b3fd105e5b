"""What runs have said: events, logs and numbers, up to now or as they come.

Its asynchronous twin. Made from dix/client/telemetry.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.wire import join
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page


class AsyncTelemetry:
    """The part of `client.runs` that reads what runs have said."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def events(self, id: str, after: int = 0, *, follow: bool = False) -> AsyncIterator[Event]:
        """What happened in a run after the event numbered `after`, oldest first; with `follow` until it is over."""
        path = join("runs", id, "events")
        if follow:
            async for message in self._wire.follow(path, after=after):
                yield read_record(Event, message.data)
        else:
            async for each in self._list_events(path, after):
                yield each

    async def all_events(self, after: int | None = None, *, follow: bool = False) -> AsyncIterator[Event]:
        """What happened in all runs after the event numbered `after`, oldest first.

        With `follow` it has no end, and begins with what happens from now on when `after` is None.
        """
        path = join("events")
        if follow:
            begin = int((await self._wire.get(join("events", "last")))["seq"]) if after is None else after
            async for message in self._wire.follow(path, after=begin):
                yield read_record(Event, message.data)
        else:
            async for each in self._list_events(path, after or 0):
                yield each

    async def _list_events(self, path: str, after: int) -> AsyncIterator[Event]:
        """Up to now."""
        while True:
            answer = await self._wire.get(path, after=after)
            page = read_page(answer, lambda item: read_record(Event, item)).items
            for each in page:
                yield each
            if answer["next_cursor"] is None or not page:
                return
            after = page[-1].seq

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
        if follow:
            query = {"node": node, "attempt": attempt, "search": search}
            async for message in self._wire.follow(join("runs", id, "logs"), **query):
                for each in read_page(message.data, lambda item: read_record(LogLine, item)).items:
                    yield each
            return
        cursor: str | None = None
        while True:
            page = await self.log_page(id, node, attempt, search=search, cursor=cursor)
            for each in page.items:
                yield each
            is_all = page.next_cursor == cursor and not page.items
            cursor = page.next_cursor
            if cursor is None or is_all:
                return

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
        async for message in self._wire.follow(join("runs", id, "metrics"), node=node, name=name):
            yield read_record(MetricPoint, message.data, run=id)
