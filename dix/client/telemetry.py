"""What runs have said: events, logs and numbers, up to now or as they come."""

from __future__ import annotations

from collections.abc import Iterator

from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.wire import Wire, join
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page


class Telemetry:
    """The part of `client.runs` that reads what runs have said."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def events(self, id: str, after: int = 0, *, follow: bool = False) -> Iterator[Event]:
        """What happened in a run after the event numbered `after`, oldest first; with `follow` until it is over."""
        path = join("runs", id, "events")
        if follow:
            for message in self._wire.follow(path, after=after):
                yield read_record(Event, message.data)
        else:
            yield from self._list_events(path, after)

    def all_events(self, after: int | None = None, *, follow: bool = False) -> Iterator[Event]:
        """What happened in all runs after the event numbered `after`, oldest first.

        With `follow` it has no end, and begins with what happens from now on when `after` is None.
        """
        path = join("events")
        if follow:
            begin = int(self._wire.get(join("events", "last"))["seq"]) if after is None else after
            for message in self._wire.follow(path, after=begin):
                yield read_record(Event, message.data)
        else:
            yield from self._list_events(path, after or 0)

    def _list_events(self, path: str, after: int) -> Iterator[Event]:
        """Up to now."""
        while True:
            answer = self._wire.get(path, after=after)
            page = read_page(answer, lambda item: read_record(Event, item)).items
            yield from page
            if answer["next_cursor"] is None or not page:
                return
            after = page[-1].seq

    def logs(
        self,
        id: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        search: str | None = None,
        follow: bool = False,
    ) -> Iterator[LogLine]:
        """What the steps of a run printed: up to now, or with `follow` until the run is over."""
        if follow:
            query = {"node": node, "attempt": attempt, "search": search}
            for message in self._wire.follow(join("runs", id, "logs"), **query):
                yield from read_page(message.data, lambda item: read_record(LogLine, item)).items
            return
        cursor: str | None = None
        while True:
            page = self.log_page(id, node, attempt, search=search, cursor=cursor)
            yield from page.items
            is_all = page.next_cursor == cursor and not page.items
            cursor = page.next_cursor
            if cursor is None or is_all:
                return

    def log_page(
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
        return read_page(self._wire.get(join("runs", id, "logs"), **query), lambda item: read_record(LogLine, item))

    def metrics(self, id: str, node: str | None = None, name: str | None = None, after: int = 0) -> Rows[MetricPoint]:
        """The numbers the steps of a run reported, by node, name, attempt and position.

        With `after`, those whose `seq` is greater: what has come since.
        """
        answer = self._wire.get(join("runs", id, "metrics"), node=node, name=name, after=after or None)
        return Rows(read_page(answer, lambda item: read_record(MetricPoint, item, run=id)).items)

    def follow_metrics(self, id: str, node: str | None = None, name: str | None = None) -> Iterator[MetricPoint]:
        """The numbers the steps of a run reported, and those that they report until it is over, as they come."""
        for message in self._wire.follow(join("runs", id, "metrics"), node=node, name=name):
            yield read_record(MetricPoint, message.data, run=id)
