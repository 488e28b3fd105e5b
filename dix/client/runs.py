"""Runs, as the client sees them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from dix.client.building import Flow
from dix.client.comparison import Comparison, compare
from dix.client.flows import find_base, find_expected, to_text
from dix.client.reading import read_numbers, read_page, read_record
from dix.client.rows import Rows
from dix.client.run import ClientRun
from dix.client.scripts import Scripts
from dix.client.tags import IfMatch
from dix.client.telemetry import Telemetry
from dix.client.wire import Wire, join
from dix.errors import Unreachable
from dix.flow.text import hash_flow, read_flow
from dix.names import is_name
from dix.records.attempt import Attempt
from dix.records.estimate import Estimate
from dix.records.flow_version import make_version_tag
from dix.records.page import Page
from dix.records.run import Run
from dix.records.states import Driver, RunState
from dix.records.step import Step

# How often a run that is waited for is looked at, and how long a silent server is waited for.
FIRST_LOOK_S = 0.1
LOOK_S = 1.0
PATIENCE_S = 60.0
# How many come with one request where all are wanted.
_PAGE = 200


class Runs(Telemetry):
    """`client.runs`: start runs, watch them, stop them."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self._scripts = Scripts(wire)

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
        if_match: IfMatch = None,
    ) -> ClientRun:
        """Start a flow: the name of one that is kept, the text of a document, or a `dix.Flow`.

        Of the steps that wait, those of the run with the greater `priority` (-1000 to 1000) go first. `selection` is
        `{"from": NODE}`, `{"to": NODE}`, both, or `{"only": NODE}`; what is needed beside that part comes from the
        latest run that fits. Without `cache`, outputs of unchanged earlier steps are not used. Local code that a
        `dix.Flow` names is sent to the store. Raises BadDocument, BadValue, NotFound, and Changed for a `dix.Flow`
        that somebody else has changed since it was read from here, or pushed; see `Flows.push` for `if_match`.
        """
        asked = {"version": version, "project": project, "priority": priority, "date": date, "cache": cache}
        body = _make_body(flow, params, selection, asked)
        if body["text"] is not None:
            body["text"] = self._scripts.settle(body["text"], find_base(flow))
        expected = find_expected(flow, self._wire.address, if_match)
        run = self.read(self._wire.post(join("runs"), body, if_match=expected))
        if isinstance(flow, Flow):
            flow.keep_tag(self._wire.address, make_version_tag(run.flow_version, hash_flow(read_flow(body["text"]))))
        return run

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
        origin: str | None = None,
        held: bool | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ClientRun]:
        """The runs that are wanted, newest first, without their steps.

        `origin` is what has made them (`schedules/NAME`, `backfills/ID`, `sweeps/NAME`); `held` are those that wait for
        their driver.
        """
        query = {"flow": flow, "state": state, "driver": driver, "project": project, "limit": limit, "cursor": cursor}
        query |= {"origin": origin, "held": held}
        return read_page(self._wire.get(join("runs"), steps=False, **query), self.read)

    def all(self, **wanted: Any) -> Iterator[ClientRun]:
        """Every run that is wanted, newest first, page by page as it is asked for."""
        cursor: str | None = None
        while True:
            page = self.list(limit=_PAGE, cursor=cursor, **wanted)
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

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

    def compare(self, ids: Sequence[str]) -> Comparison:
        """Runs side by side: parameters, last metrics, times, and in what they differ."""
        runs = [self.get(each) for each in ids]
        return compare(runs, [run.steps for run in runs])

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
        text = None if flow is None else self._scripts.settle(to_text(flow), find_base(flow))
        body = {"params": dict(params or {}), "text": text, "flow_version": flow_version}
        return self.read(self._wire.post(join("runs", id, "retry"), body))

    def rerun(self, id: str, *, as_now: bool = False) -> ClientRun:
        """Do all of a run again, for the same date and with what it was given; Conflict when the old one is not over.

        With the flow, code and models as they were then, or as they are now.
        """
        return self.read(self._wire.post(join("runs", id, "rerun"), {"as": "now" if as_now else "then"}))

    def edit(self, id: str, params: Mapping[str, Any] | None = None, *, place: int | None = None) -> ClientRun:
        """Change a run that is still held: parameters over those it has, its turn among those of its origin.

        Raises Conflict when it is held no more, BadDocument for parameters that cannot be.
        """
        return self.read(self._wire.patch(join("runs", id), {"params": params, "place": place}))

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
