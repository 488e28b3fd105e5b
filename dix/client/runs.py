"""Runs, as the client sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from dix.client.building import Flow
from dix.client.comparison import Comparison, compare
from dix.client.flows import to_text
from dix.client.pictures.cards import draw_run
from dix.client.progress import open_view, say
from dix.client.reading import read_numbers, read_page, read_record
from dix.client.rows import Rows
from dix.client.wire import Wire, join
from dix.errors import NotFound, RunEnded, Unreachable
from dix.names import find_nearest, is_name
from dix.records.attempt import Attempt
from dix.records.estimate import Estimate
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.page import Page
from dix.records.run import Run
from dix.records.states import Driver, RunState, run_is_over
from dix.records.step import Step

# How often a run that is waited for is looked at, and how long a silent server is waited for.
FIRST_LOOK_S = 0.1
LOOK_S = 1.0
PATIENCE_S = 60.0
WAIT_S = 20.0  # how long the server holds a question for events that have not happened yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRun(Run):
    """A run as it was when the server was asked, with its steps; its methods ask again."""

    steps: tuple[Step, ...] = ()
    runs: Runs = field(repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return run_is_over(self.state)

    def refresh(self) -> ClientRun:
        """The run as it is now."""
        return self.runs.get(self.id)

    def wait(
        self,
        timeout_s: float | None = None,
        on_change: Callable[[ClientRun], None] | None = None,
        *,
        progress: bool | None = None,
    ) -> ClientRun:
        """The run when it has succeeded; raises RunEnded when it failed or was cancelled, TimeoutError (it goes on).

        Meanwhile it is shown on a terminal and in a notebook; with `progress` also elsewhere, a line for each change,
        without it or with an `on_change` nowhere. Ctrl-C ends the waiting, and never the run.
        """
        over = self
        try:
            with open_view(progress=progress if on_change is None else progress or False) as view:
                for over in self.runs.watch(self.id, timeout_s):
                    view.update(over)
                    if on_change is not None:
                        on_change(over)
        except KeyboardInterrupt:
            say(f"run {self.id} goes on: `wait()` waits again, `cancel()` ends it")
            raise
        if over.state is not RunState.SUCCEEDED:
            raise RunEnded(over.id, over.state.value, over.error)
        return over

    def step(self, node: str) -> Step:
        """The step of one node; NotFound when the flow has none of that name."""
        steps = {step.node: step for step in self.steps}
        if node not in steps:
            raise NotFound("node", node, find_nearest(node, steps))
        return steps[node]

    def logs(self, node: str | None = None, *, follow: bool = False) -> Iterator[LogLine]:
        """What its steps printed."""
        return self.runs.logs(self.id, node, follow=follow)

    def metrics(self, node: str | None = None, name: str | None = None) -> Rows[MetricPoint]:
        """The numbers its steps reported."""
        return self.runs.metrics(self.id, node, name)

    def attempts(self, node: str | None = None) -> Rows[Attempt]:
        """Every try of its steps, with what it held and used."""
        return self.runs.attempts(self.id, node)

    def events(self, after: int = 0, *, follow: bool = False) -> Iterator[Event]:
        """What happened in it, and with `follow` what happens until it is over."""
        return self.runs.events(self.id, after, follow=follow)

    def compare(self, *others: str | ClientRun) -> Comparison:
        """It beside other runs, as the server knows them now."""
        return self.runs.compare([self.id, *(other if isinstance(other, str) else other.id for other in others)])

    def cancel(self) -> ClientRun:
        """End it."""
        return self.runs.cancel(self.id)

    def retry(
        self,
        params: Mapping[str, Any] | None = None,
        *,
        flow: str | Flow | None = None,
        flow_version: int | Literal["latest"] | None = None,
    ) -> ClientRun:
        """A new run in which what had succeeded is not done again; see `Runs.retry`."""
        return self.runs.retry(self.id, params, flow=flow, flow_version=flow_version)

    def _repr_html_(self) -> str:
        return draw_run(self, self.steps)


class Runs:
    """`client.runs`: start runs, watch them, stop them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def start(
        self,
        flow: str | Flow,
        params: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        project: str | None = None,
        priority: int | None = None,
        date: date | datetime | str | None = None,
        selection: Mapping[str, str] | None = None,
        cache: bool = True,
    ) -> ClientRun:
        """Start a flow: the name of one that is kept, the text of a document, or a `dix.Flow`.

        Of the steps that wait, those of the run with the greater `priority` (-1000 to 1000) go first. `selection` is
        `{"from": NODE}`, `{"to": NODE}`, both, or `{"only": NODE}`; what is needed beside that part comes from the
        latest run that fits. Without `cache`, outputs of unchanged earlier steps are not used. Raises BadDocument,
        BadValue, NotFound.
        """
        asked = {"version": version, "project": project, "priority": priority, "date": date, "cache": cache}
        return self.read(self._wire.post(join("runs"), _make_body(flow, params, selection, asked)))

    def estimate(
        self,
        flow: str | Flow,
        params: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        project: str | None = None,
        date: date | datetime | str | None = None,
        selection: Mapping[str, str] | None = None,
    ) -> Estimate:
        """How long such a run would take and what it would cost, from earlier runs; nothing is started or kept."""
        asked = {"version": version, "project": project, "date": date}
        answer = self._wire.post(join("runs", "estimate"), _make_body(flow, params, selection, asked))
        return read_record(Estimate, answer)

    def get(self, id: str) -> ClientRun:
        """One run with its steps."""
        return self.read(self._wire.get(join("runs", id)))

    def list(
        self,
        flow: str | None = None,
        state: RunState | str | None = None,
        driver: Driver | str | None = None,
        *,
        project: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ClientRun]:
        """The runs that are wanted, newest first, without their steps."""
        query = {"flow": flow, "state": state, "driver": driver, "project": project, "limit": limit, "cursor": cursor}
        return read_page(self._wire.get(join("runs"), steps=False, **query), self.read)

    def watch(self, id: str, timeout_s: float | None = None) -> Iterator[ClientRun]:
        """The run each time it is looked at, the last time when it is over.

        A server that is silent for less than a minute is waited for. Raises TimeoutError when the run is not over in
        time: it goes on.
        """
        begin = answered = time.monotonic()
        pause_s = FIRST_LOOK_S
        while True:
            try:
                run = self.get(id)
            except Unreachable:
                if time.monotonic() - answered > PATIENCE_S:
                    raise
            else:
                answered = time.monotonic()
                yield run
                if run.is_over:
                    return
            if timeout_s is not None and time.monotonic() - begin > timeout_s:
                raise TimeoutError(f"run {id} is not over after {timeout_s:g} s; it goes on")
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, LOOK_S)

    def steps(self, id: str) -> tuple[Step, ...]:
        """The steps of a run, in the order of its flow."""
        return read_page(self._wire.get(join("runs", id, "steps")), lambda item: _read_step(id, item)).items

    def attempts(self, id: str, node: str | None = None) -> Rows[Attempt]:
        """Every attempt of a run's steps, in the order of their beginning."""
        answer = self._wire.get(join("runs", id, "attempts"), node=node)
        return Rows(read_page(answer, lambda item: read_record(Attempt, item)).items)

    def events(self, id: str, after: int = 0, *, follow: bool = False) -> Iterator[Event]:
        """What happened in a run after the event numbered `after`, oldest first; with `follow` until it is over."""
        for page in self._event_pages(join("runs", id, "events"), after, follow=follow):
            yield from page
            if follow and not page and self.get(id).is_over:
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

    def compare(self, ids: Sequence[str]) -> Comparison:
        """Runs side by side: parameters, last metrics, times, and in what they differ."""
        runs = [self.get(each) for each in ids]
        return compare(runs, [run.steps for run in runs])

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
            is_over = self.get(id).is_over
            if not is_over:
                time.sleep(LOOK_S)

    def cancel(self, id: str) -> ClientRun:
        """End a run; Conflict when it is over."""
        return self.read(self._wire.post(join("runs", id, "cancel")))

    def retry(
        self,
        id: str,
        params: Mapping[str, Any] | None = None,
        *,
        flow: str | Flow | None = None,
        flow_version: int | Literal["latest"] | None = None,
    ) -> ClientRun:
        """A new run in which what had succeeded is not done again; Conflict when the old one is not over.

        After an edit (`flow`, the text of a document or a `dix.Flow`, is kept as the flow's next version) what it
        decides about is done again, and what follows that. Raises BadDocument, BadValue, NotFound.
        """
        text = None if flow is None else to_text(flow)
        body = {"params": dict(params or {}), "text": text, "flow_version": flow_version}
        return self.read(self._wire.post(join("runs", id, "retry"), body))

    def set_priority(self, id: str, priority: int) -> ClientRun:
        """Let a run go sooner or later; Conflict when it is over."""
        return self.read(self._wire.patch(join("runs", id), {"priority": priority}))

    def read(self, document: Any) -> ClientRun:
        """The run that the server described."""
        steps = tuple(_read_step(document["id"], step) for step in document["steps"])
        known = read_record(Run, document)
        return ClientRun(**{name: getattr(known, name) for name in Run.__dataclass_fields__}, steps=steps, runs=self)


def _read_step(run: str, document: Any) -> Step:
    return read_record(Step, document, run=run, metrics=read_numbers(document["metrics"]))


def _make_body(
    flow: str | Flow, params: Mapping[str, Any] | None, selection: Mapping[str, str] | None, asked: dict[str, Any]
) -> dict[str, Any]:
    named = isinstance(flow, str) and is_name(flow)
    when = asked["date"]
    return {
        **asked,
        "flow": flow if named else None,
        "text": None if named else to_text(flow),
        "params": dict(params or {}),
        "date": when.isoformat() if isinstance(when, date) else when,
        **(selection or {}),
    }
