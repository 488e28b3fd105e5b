"""Looks for the events that schedules watch: in the catalog, where they are facts, and in the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dix.catalog.base import Catalog
from dix.errors import NotFound
from dix.names import read_model_reference
from dix.records.moments import to_text
from dix.records.run import Run, RunFilter
from dix.records.schedule import EventKind, Mark, Schedule, Watch
from dix.records.sort import SortKey
from dix.records.states import Driver, RunState
from dix.schedule.decide import MOST_HAPPENINGS, find_begin
from dix.schedule.timetable import Fire
from dix.store.store import Store

# What is written down may be seen a little later than its moment: so far back each look goes over it again.
_AGAIN = timedelta(minutes=10)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What has happened since a mark, oldest first, and the mark that follows."""

    events: tuple[Fire, ...]
    mark: Mark


class Lookout:
    """Looks once for one schedule; keeps nothing itself."""

    def __init__(self, catalog: Catalog, store: Store) -> None:
        self._catalog = catalog
        self._store = store

    def look(self, schedule: Schedule, watch: Watch, mark: Mark | None, now: datetime) -> Seen:
        """What the schedule has not been told yet; raises StoreError and CatalogError."""
        if watch.kind is EventKind.DATA:
            return self._look_at_data(schedule, watch, mark, now)
        begin = find_begin(schedule, None if mark is None else mark.until)
        list_facts = self._list_moves if watch.kind is EventKind.ALIAS else self._list_successes
        told = set(json.loads(mark.seen)) if mark is not None and mark.seen else set()
        since = max(begin - _AGAIN, schedule.counts_from)
        facts = [fact for fact in list_facts(watch.target, since) if fact.due > since]
        fresh = [fact for fact in facts if fact.event not in told][:MOST_HAPPENINGS]
        events = sorted(fresh, key=lambda fact: fact.due)
        until = max([begin, *(fact.due for fact in facts)])
        recent = [fact.event for fact in facts if fact.due > until - _AGAIN]
        return Seen(tuple(events), Mark(schedule.name, until, json.dumps(recent) if recent else None))

    def _look_at_data(self, schedule: Schedule, watch: Watch, mark: Mark | None, now: datetime) -> Seen:
        """The first look, and the one after a pause, is what later ones are compared with."""
        state = self._find_state(watch.target) or ""
        awake_since = schedule.counts_from
        if schedule.resumed is not None and not schedule.catch_up:
            awake_since = max(awake_since, schedule.resumed)
        if mark is None or mark.seen is None or mark.until < awake_since or not state:
            return Seen((), Mark(schedule.name, now, state))
        if state == mark.seen:
            return Seen((), mark)
        word = "changed" if mark.seen else "appeared"
        event = Fire(now, now, now, f"data {watch.target} {word} (it is {state[:12]} now)")
        return Seen((event,), Mark(schedule.name, now, state))

    def _list_moves(self, reference: str, since: datetime) -> Iterator[Fire]:
        named = read_model_reference(reference)
        try:
            moves = self._catalog.aliases.list_alias_moves(named.model, named.alias or "")
        except NotFound:
            return
        for move in moves:
            if move.at <= since:
                return
            if move.after is not None:
                yield _make_event(move.at, f"{reference} was set to version {move.after} at {to_text(move.at)}")

    def _list_successes(self, flow: str, since: datetime) -> Iterator[Fire]:
        for run in self._list_ended(flow):
            if run.ended is None or run.ended <= since:
                return
            if run.driver is not Driver.PARAMETER:
                yield _make_event(run.ended, f"run {run.id} of flow {flow} succeeded")

    def _list_ended(self, flow: str) -> Iterator[Run]:
        """Runs of a flow that have succeeded, last ended first."""
        wanted, order = RunFilter(flow=flow, state=RunState.SUCCEEDED), (SortKey("ended", is_descending=True),)
        cursor: str | None = None
        for _page in range(MOST_HAPPENINGS // _PAGE):
            page = self._catalog.runs.list_runs(wanted, _PAGE, cursor, order)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _find_state(self, uri: str) -> str | None:
        """Something that is another text whenever what lies there is; None where nothing does."""
        try:
            return self._store.find_digest(uri) or self._digest_listing(uri)
        except NotFound:
            return None

    def _digest_listing(self, uri: str) -> str:
        """Of names, sizes and times of change: what was not committed is not read for this."""
        system, _path = self._store.filesystem(uri)
        system.invalidate_cache()
        digest = hashlib.sha256()
        for file in self._store.list_files(uri):
            facts = system.info(self._store.filesystem(file.uri)[1])
            changed = facts.get("ETag") or facts.get("mtime")
            digest.update(f"{file.path} {file.size_bytes} {changed}\n".encode())
        return digest.hexdigest()


def _make_event(moment: datetime, event: str) -> Fire:
    return Fire(moment, moment, moment, event)
