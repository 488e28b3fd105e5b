"""In-process stand-ins for what the API calls: they keep to the interfaces, and the test says what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dix.catalog.base import Catalog
from dix.engine.base import Author, Edit, Engine, Permit, RunOrder, permit_all
from dix.errors import BadValue, Conflict, NotFound
from dix.flow.check import check_text
from dix.flow.document import FlowDoc
from dix.flow.spec import AlgorithmSpec, AlgorithmSpecs, PortSpec
from dix.flow.spec import PortKind as Kind
from dix.flow.text import read_flow
from dix.names import find_nearest, make_run_id
from dix.records.attempt import Attempt, AttemptOutcome
from dix.records.backfill import Backfill, BackfillState
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.estimate import Estimate, NodeEstimate
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.records.page import Page
from dix.records.run import Run
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import RunState, StepState, run_is_over
from dix.records.step import Step
from dix.records.tag import Expected, check_tag
from dix.records.user import FIRST_USER
from dix.schedule.backfills import BackfillDesk
from dix.sweep.rounds import Rounds

CNN = AlgorithmSpec(
    name="cnn",
    title="Convolutional net",
    help="Learns classes of images.",
    inputs=(PortSpec("train"), PortSpec("valid", required=False)),
    outputs=(PortSpec("model", Kind.MODEL), PortSpec("metrics", Kind.METRICS)),
    frameworks=("torch",),
    params={
        "type": "object",
        "properties": {"epochs": {"type": "integer", "default": 3, "minimum": 1, "description": "Passes."}},
    },
    trains=True,
)


class FakeEngine:
    """Writes runs down as an engine does, and lets the test move them."""

    def __init__(self, catalog: Catalog, specs: AlgorithmSpecs | None = None) -> None:
        self._catalog = catalog
        self._specs = specs or {"cnn": CNN}
        self.orders: list[RunOrder] = []
        self.edits: list[Edit | None] = []
        self.lines: list[LogLine] = []
        self.usage: dict[str, dict[str, float]] = {}
        self.rereads = 0

    def check_flow(self, text: str) -> FlowDoc:
        return check_text(text, self._specs)

    def start_run(self, order: RunOrder) -> Run:
        version = self._catalog.flows.get_flow(order.flow, order.version)
        moment = now()
        run = Run(
            make_run_id(),
            version.flow,
            version.version,
            moment,
            order.project,
            driver=order.driver,
            params=order.params,
            selection=order.selection,
            logical_date=order.logical_date or moment,
            priority=order.priority,
            user=order.user,
        )
        return self._accept(order, run, tuple(read_flow(version.text).nodes))

    def hold_runs(self, orders: Sequence[RunOrder]) -> tuple[Run, ...]:
        held = []
        for order in orders:
            version = self._catalog.flows.get_flow(order.flow, order.version)
            same = ("driver", "params", "selection", "origin", "place", "logical_date", "interval_start")
            facts = {name: getattr(order, name) for name in (*same, "interval_end", "event", "user", "priority")}
            name = order.id or make_run_id()
            held.append(Run(name, version.flow, version.version, now(), order.project, held=True, **facts))
        self._catalog.held.hold_runs(tuple(held))
        return tuple(held)

    def edit_held(self, run: str, *, permit: Permit = permit_all, **changes: Any) -> Run:
        if not self._catalog.held.edit_held(run, **changes):
            raise Conflict("run", run, "held no more", "edited")
        return self._catalog.runs.get_run(run)

    def reread_limits(self) -> None:
        self.rereads += 1

    def estimate_run(self, order: RunOrder, text: str | None = None, sight: Sight = EVERYTHING) -> Estimate:
        doc = read_flow(text or self._catalog.flows.get_flow(order.flow, order.version).text)
        known = NodeEstimate("train_set", 90.0, 60.0, 120.0, 3, 1.5)
        others = tuple(
            NodeEstimate(node, None, note=f"no earlier run of node {node}") for node in doc.nodes if node != "train_set"
        )
        return Estimate(doc.name, 90.0, ("train_set",), 1.5, "EUR", ("cnn",), (known, *others))

    def cancel_run(self, run: str) -> Run:
        found = self._catalog.runs.get_run(run)
        if run_is_over(found.state):
            raise Conflict("run", run, found.state.value, "cancelled")
        self.move(run, RunState.CANCELLED)
        return self._catalog.runs.get_run(run)

    def retry_run(self, run: str, edit: Edit | None = None, by: Author | None = None) -> Run:
        found = self._catalog.runs.get_run(run)
        self.edits.append(edit)
        if not run_is_over(found.state):
            raise Conflict("run", run, found.state.value, "retried")
        again = Run(make_run_id(), found.flow, found.flow_version, now(), params=found.params, retry_of=run)
        nodes = tuple(step.node for step in self._catalog.runs.list_steps(run))
        return self._accept(RunOrder(found.flow), again, nodes)

    def set_priority(self, run: str, priority: int) -> Run:
        found = self._catalog.runs.get_run(run)
        if run_is_over(found.state):
            raise Conflict("run", run, found.state.value, "moved in the queue")
        move = RunMove(run, found.state, found.state, now(), priority=priority)
        self._catalog.runs.apply_changes(ChangeSet(runs=(move,)))
        return self._catalog.runs.get_run(run)

    def reread_projects(self) -> None:
        self.rereads += 1

    def read_usage(self) -> dict[str, dict[str, float]]:
        return self.usage

    def measure_logs(self, run: str) -> int:
        return len(self.lines) + run_is_over(self._catalog.runs.get_run(run).state)

    def read_logs(
        self,
        run: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        cursor: str | None = None,
        search: str | None = None,
    ) -> Page[LogLine]:
        found = self._catalog.runs.get_run(run)
        if cursor is not None and not cursor.isdecimal():
            raise BadValue("cursor", "a next_cursor", cursor)
        begin = int(cursor or 0)
        lines = [line for line in self.lines if node in {None, line.node} and attempt in {None, line.attempt}]
        page = tuple(lines[begin : begin + 2])
        end = begin + len(page)
        matching = tuple(line for line in page if (search or "").casefold() in line.text.casefold())
        return Page(matching, None if run_is_over(found.state) and end == len(lines) else str(end))

    def move(self, run: str, state: RunState, error: str | None = None) -> None:
        """Bring a run to a state, by way of running."""
        found = self._catalog.runs.get_run(run)
        self._catalog.runs.apply_changes(ChangeSet(runs=(RunMove(run, found.state, state, now(), error=error),)))

    def move_step(self, run: str, node: str, state: StepState, **facts: Any) -> None:
        """Bring a step to a state, with more facts of it."""
        step = next(step for step in self._catalog.runs.list_steps(run) if step.node == node)
        moved = replace(step, state=state, **facts)
        self._catalog.runs.apply_changes(ChangeSet(steps=(StepMove(step.state, moved, now()),)))

    def try_step(self, run: str, node: str, started: datetime, ended: datetime | None = None, **facts: Any) -> Attempt:
        """One more attempt of a step: it waits for the next one afterwards, or runs while there is no end."""
        found = self._catalog.runs.get_run(run)
        step = next(step for step in self._catalog.runs.list_steps(run) if step.node == node)
        whose = {"project": found.project, "user": found.user, "flow": found.flow}
        outcome = None if ended is None else facts.pop("outcome", AttemptOutcome.FAILED)
        attempt = Attempt(run, node, step.attempt + 1, **whose, started=started, ended=ended, outcome=outcome, **facts)
        state = StepState.WAITING if ended else StepState.RUNNING
        moved = replace(step, state=state, attempt=attempt.attempt, started=step.started or started)
        self._catalog.runs.apply_changes(ChangeSet(steps=(StepMove(step.state, moved, now(), attempt=attempt),)))
        return attempt

    def finish(self, run: str, state: RunState = RunState.SUCCEEDED, error: str | None = None) -> None:
        """Bring a queued run to its end."""
        self.move(run, RunState.RUNNING)
        self.move(run, state, error)

    def _accept(self, order: RunOrder, run: Run, nodes: tuple[str, ...]) -> Run:
        self._catalog.runs.create_run(run, tuple(Step(run.id, node) for node in nodes))
        self.orders.append(order)
        return run


def _fits(engine: FakeEngine) -> Engine:
    return engine


class FakeScheduler:
    """Makes backfills as the scheduler does; schedules are only told of."""

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self._backfills = BackfillDesk(catalog, engine)
        self.reread_names: list[str] = []
        self.looks = 0

    def reread(self, name: str) -> None:
        self.reread_names.append(name)

    def look_at_aliases(self) -> None:
        self.looks += 1

    def create_backfill(self, backfill: Backfill) -> Backfill:
        return self._backfills.create(backfill)

    def change_backfill(
        self, id: str, state: BackfillState | None = None, concurrency: int | None = None, **by: Any
    ) -> Backfill:
        return self._backfills.change(id, state=state, concurrency=concurrency, **by)


class FakeSweeper:
    """Does at once, in the caller's thread, what the sweeper does."""

    def __init__(self, catalog: Catalog, engine: FakeEngine) -> None:
        self._rounds = Rounds(catalog, engine)

    def look_at(self, sweep: str) -> None:
        self._rounds.reread([sweep])


class FakeDeployer:
    """Keeps endpoints in a dict; every one is ready at once."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}

    def deploy(
        self,
        name: str,
        model: str,
        replicas: int = 1,
        project: str = "default",
        *,
        user: str = FIRST_USER,
        expected: Expected | None = None,
    ) -> Endpoint:
        before, moment = self.endpoints.get(name), now()
        check_tag(expected, "endpoint", name, before.tag if before else None, by=user, at=moment)
        endpoint = Endpoint(name, model, 1, project, EndpointState.READY, moment, moment, replicas, user=user)
        self.endpoints[name] = endpoint
        return endpoint

    def list(self) -> tuple[Endpoint, ...]:
        return tuple(self.endpoints[name] for name in sorted(self.endpoints))

    def get(self, name: str) -> Endpoint:
        if name not in self.endpoints:
            raise NotFound("endpoint", name, find_nearest(name, self.endpoints))
        return self.endpoints[name]

    def delete(self, name: str, expected: Expected | None = None) -> None:
        before = self.get(name)
        check_tag(expected, "endpoint", name, before.tag, by=before.user, at=before.updated)
        del self.endpoints[name]


class FakeCluster:
    """A cluster of one machine, and what a test adds to that."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        return {"state": "up", "nodes": 1, **self.facts}
