"""What runs have said: events, logs and numbers, up to now or as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator

from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.wire import Wire, join
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page
from dix.records.states import RunState, run_is_over

LOOK_S = 1.0
WAIT_S = 20.0  # how long the server holds a question for events that have not happened yet


class Telemetry:
    """The part of `client.runs` that reads what runs have said."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def events(self, id: str, after: int = 0, *, follow: bool = False) -> Iterator[Event]:
        """What happened in a run after the event numbered `after`, oldest first; with `follow` until it is over."""
        for page in self._event_pages(join("runs", id, "events"), after, follow=follow):
            yield from page
            if follow and not page and self.is_over(id):
                return

    def all_events(self, after: int | None = None, *, follow: bool = False) -> Iterator[Event]:
        """What happened in all runs after the event numbered `after`, oldest first.

        With `follow` it has no end, and begins with what happens from now on when `after` is None.
        """
        path = join("events")
        if after is None:
            after = int(self._wire.get(join("events", "last"))["seq"]) if follow else 0
        for page in self._event_pages(path, after, follow=follow):
            yield from page

    def _event_pages(self, path: str, after: int, *, follow: bool) -> Iterator[tuple[Event, ...]]:
        """Up to now; with `follow` for ever, and an empty page when nothing has happened for a while."""
        while True:
            answer = self._wire.get(path, after=after, wait=WAIT_S if follow else None)
            page = read_page(answer, lambda item: read_record(Event, item)).items
            yield page
            if not follow and answer["next_cursor"] is None:
                return
            after = page[-1].seq if page else after

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
        cursor: str | None = None
        while True:
            page = self.log_page(id, node, attempt, search=search, cursor=cursor)
            yield from page.items
            is_all = page.next_cursor == cursor and not page.items
            cursor = page.next_cursor
            if cursor is None or (is_all and not follow):
                return
            if is_all:
                time.sleep(LOOK_S / 2)

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
        after, is_over = 0, False
        while True:
            fresh = sorted(self.metrics(id, node, name, after), key=lambda point: point.seq)
            yield from fresh
            after = fresh[-1].seq if fresh else after
            if is_over:
                return
            # Looked at before the last reading: then nothing is missed.
            is_over = self.is_over(id)
            if not is_over:
                time.sleep(LOOK_S)

    def is_over(self, id: str) -> bool:
        """Whether nothing will change any more in a run."""
        return run_is_over(RunState(self._wire.get(join("runs", id))["state"]))
