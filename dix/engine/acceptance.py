"""Accepts a run: checks what is asked, makes the plan, and writes the run down before anything of it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dix.catalog.base import Catalog
from dix.engine.base import RunOrder
from dix.engine.impossible import find_lacks
from dix.engine.machines import Machine
from dix.engine.not_yet import find_not_yet
from dix.engine.orders import find_version
from dix.engine.plan import Plan, make_plan
from dix.errors import BadDocument, Conflict, Problem
from dix.flow.check import check_flow, check_text
from dix.flow.context import RunContext
from dix.flow.document import FlowDoc
from dix.flow.rendering import render_flow
from dix.flow.run_params import resolve_params
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import read_flow
from dix.names import make_run_id
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import StepState, run_is_over, step_is_done
from dix.records.step import Step


@dataclass(frozen=True, slots=True)
class Accepted:
    """A run that is on disk, and how it is going to be done."""

    run: Run
    steps: tuple[Step, ...]
    plan: Plan


class Acceptance:
    """The desk where runs are accepted; may be used from any process that has a catalog."""

    def __init__(self, catalog: Catalog, specs: AlgorithmSpecs, machines: Iterable[Machine]) -> None:
        """`machines` are what the cluster has; a step that no machine could ever do is refused."""
        self._catalog = catalog
        self._specs = specs
        self._machines = tuple(machines)

    def accept(self, order: RunOrder) -> Accepted:
        """Check and write down; raises NotFound, BadDocument, NotYet. The run is on disk when this returns."""
        version = self._catalog.flows.get_flow(order.flow, order.version)
        doc = check_text(version.text, self._specs)
        created = now()
        run = Run(
            id=make_run_id(),
            flow=version.flow,
            flow_version=version.version,
            project=order.project,
            driver=order.driver,
            params=resolve_params(doc, order.params),
            selection=order.selection,
            logical_date=order.logical_date or created,
            created=created,
            user=order.user,
        )
        return self._write(run, self._make_plan(run, doc), {})

    def repeat(self, id: str) -> Accepted:
        """A new run of what an ended one ran; its steps that succeeded are taken over. Conflict while it goes on."""
        old = self._catalog.runs.get_run(id)
        if not run_is_over(old.state):
            raise Conflict("run", id, old.state, "retried")
        done = {step.node: step for step in self._catalog.runs.list_steps(id) if step_is_done(step.state)}
        fresh = Run(
            id=make_run_id(),
            flow=old.flow,
            flow_version=old.flow_version,
            project=old.project,
            driver=old.driver,
            params=old.params,
            selection=old.selection,
            logical_date=old.logical_date,
            created=now(),
            retry_of=old.id,
            user=old.user,
        )
        return self._write(fresh, self.plan_again(fresh), done)

    def plan_again(self, run: Run) -> Plan:
        """The plan of a run that was accepted before: from the same text, parameters and dates, so the same plan."""
        version = self._catalog.flows.get_flow(run.flow, run.flow_version)
        return self._make_plan(run, read_flow(version.text))

    def _make_plan(self, run: Run, doc: FlowDoc) -> Plan:
        moment = run.logical_date or run.created
        ready = render_flow(doc, RunContext.at(moment, run.id, run.params))
        problems = check_flow(ready, self._specs) + find_not_yet(ready)
        if problems:
            raise BadDocument(problems)
        return make_plan(ready, self._specs, run.flow_version, run.selection)

    def _write(self, run: Run, plan: Plan, done: dict[str, Step]) -> Accepted:
        self._check_slices(plan)
        self._check_models(plan)
        steps = tuple(_first_record(run, node.node, done.get(node.node)) for node in plan.steps)
        self._catalog.runs.create_run(run, steps)
        return Accepted(run, steps, plan)

    def _check_slices(self, plan: Plan) -> None:
        problems = tuple(
            Problem(step.node, lack.field, "impossible", lack.message, lack.nearest)
            for step in plan.steps
            if step.skip is None
            for lack in find_lacks(step.slice, self._machines)
        )
        if problems:
            raise BadDocument(problems)

    def _check_models(self, plan: Plan) -> None:
        for step in plan.steps:
            for reference in step.models.values() if step.skip is None else ():
                find_version(reference, self._catalog.models)


def _first_record(run: Run, node: str, done: Step | None) -> Step:
    if done is None:
        return Step(run.id, node)
    reason = f"taken from run {run.retry_of}"
    return replace(done, run=run.id, state=StepState.CACHED, reason=reason, attempt=0, failures=0)
