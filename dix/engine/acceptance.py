"""Accepts a run: checks what is asked, makes the plan, and writes the run down before anything of it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dix.catalog.base import Catalog
from dix.engine.base import Author, Edit, Permit, RunOrder
from dix.engine.code_pins import name_code, pin_code
from dix.engine.documents import Documents
from dix.engine.impossible import find_impossible
from dix.engine.machines import Machine
from dix.engine.not_yet import find_not_yet
from dix.engine.pinning import name_models, pin_models
from dix.engine.plan import Plan, make_plan, slice_of
from dix.engine.recipes import make_recipes
from dix.engine.surroundings import look_around
from dix.engine.takeover import Takeover, take_over
from dix.errors import BadDocument, Conflict, Problem
from dix.flow.check import Checked, check_flow, check_text, inspect_text
from dix.flow.context import RunContext
from dix.flow.document import FlowDoc
from dix.flow.rendering import preview_flow, render_flow
from dix.flow.run_params import resolve_params
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import read_flow
from dix.names import find_nearest, make_run_id
from dix.records.moments import now
from dix.records.recipe import Recipe
from dix.records.run import Run, check_priority
from dix.records.states import Driver, RunState, run_is_over, step_is_done
from dix.records.step import Step
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class Accepted:
    """A run that is on disk, and how it is going to be done."""

    run: Run
    steps: tuple[Step, ...]
    plan: Plan


class Acceptance:
    """The desk where runs are accepted; may be used from any process that has a catalog."""

    def __init__(
        self,
        catalog: Catalog,
        specs: AlgorithmSpecs,
        machines: Iterable[Machine],
        store: Store | None = None,
        documents: Documents | None = None,
    ) -> None:
        """`machines` are what the cluster has; a step that no machine could ever do is refused.

        In `store` outputs of earlier runs are looked for before they are taken over; without one they are believed.
        `documents` are kept from one desk to the next where many runs are let in.
        """
        self._catalog = catalog
        self._specs = specs
        self._machines = tuple(machines)
        self._surroundings = look_around(store.url if store is not None else "")
        self._store = store
        self._takeover = Takeover(catalog, store)
        self._documents = documents or Documents(catalog.flows)

    def check(self, text: str | bytes) -> FlowDoc:
        """The document, if it could run here with its own parameters; BadDocument has all that is wrong."""
        checked = inspect_text(text, self._specs)
        problems = checked.problems + self._find_beyond(checked)
        if problems or checked.doc is None:
            raise BadDocument(problems)
        return checked.doc

    def accept(self, order: RunOrder) -> Accepted:
        """Check and write down; raises NotFound, BadDocument, NotYet. The run is on disk when this returns."""
        self._catalog.projects.get_project(order.project)
        version = self._catalog.flows.get_flow(order.flow, order.version)
        doc = check_text(version.text, self._specs)
        run = _make_run(order, doc, version.version)
        plan = self._make_plan(run, doc)
        order.permit(plan, run.project)
        pinned = pin_models(plan, self._catalog.models)
        settled = pin_code(pinned.plan, self._store)
        return self._write(replace(run, models=pinned.models, code=settled.code), settled.plan, {})

    def hold(self, orders: Sequence[RunOrder]) -> tuple[Run, ...]:
        """Check all of them, and write them down together as runs that wait for their driver.

        One whose id is there already stays as it is. Raises what `accept` raises; nothing is written down then.
        """
        docs: dict[tuple[str, int | None], tuple[FlowDoc, int]] = {}
        runs = []
        for project in {order.project for order in orders}:
            self._catalog.projects.get_project(project)
        for order in orders:
            if (order.flow, order.version) not in docs:
                version = self._catalog.flows.get_flow(order.flow, order.version)
                docs[order.flow, order.version] = check_text(version.text, self._specs), version.version
            doc, number = docs[order.flow, order.version]
            run = replace(_make_run(order, doc, number), held=True, reason="it waits for its turn")
            self._check_plan(self._make_plan(run, doc), run.project, order.permit)
            runs.append(run)
        self._catalog.held.hold_runs(tuple(runs))
        return tuple(runs)

    def check_params(self, run: Run, params: Mapping[str, Any], permit: Permit) -> dict[str, Any]:
        """All parameters of a held run with these over those it has; raises what `accept` raises."""
        doc = self._documents.get(run.flow, run.flow_version)
        found = resolve_params(doc, {**run.params, **params})
        self._check_plan(self._make_plan(replace(run, params=found), doc), run.project, permit)
        return found

    def let_in(self, run: Run) -> Accepted | None:
        """A run that was held becomes one to be done: now its parameters are put in, and its references mean what they
        mean now. None when it is not held any more. Raises BadDocument, NotFound, NotYet.
        """
        plan = self._make_plan(run, self._documents.get(run.flow, run.flow_version))
        pinned = pin_models(plan, self._catalog.models)
        settled = pin_code(pinned.plan, self._store)
        made = replace(run, held=False, reason=None, models=pinned.models, code=settled.code)
        recipes, steps = self._make_ready(made, settled.plan, {})
        if self._catalog.held.let_in(made, steps, recipes):
            return Accepted(made, steps, settled.plan)
        found = self._catalog.runs.get_run(run.id)
        if found.held or found.state is not RunState.QUEUED:
            return None
        # Let in before, and the answer was lost.
        return Accepted(found, self._catalog.runs.list_steps(run.id), self.plan_again(found))

    def look_ahead(self, order: RunOrder, text: str | None = None) -> Plan:
        """How a run would be done: checked as one that is accepted, and nothing is written down.

        With `text`, of that document instead of the kept one.
        """
        version = None if text is not None else self._catalog.flows.get_flow(order.flow, order.version)
        doc = check_text(version.text if version else text or "", self._specs)
        run = _make_run(order, doc, version.version if version else 0)
        plan = self._make_plan(run, doc)
        self._check_plan(plan, run.project, order.permit)
        return pin_models(plan, self._catalog.models).plan

    def repeat(self, id: str, edit: Edit | None = None, by: Author | None = None) -> Accepted:
        """A new run of what an ended one ran; its steps that succeeded are taken over. Conflict while it goes on.

        With an edit, those are taken over whose recipe, down to its sources, is what it was. References to models mean
        what they meant then, unless the edit says that they mean what they do now.
        """
        old = self._catalog.runs.get_run(id)
        if not run_is_over(old.state):
            raise Conflict("run", id, old.state, "retried")
        author = by or Author(old.user)
        given = edit or Edit()
        version, params = self._edit(old, given)
        fresh = Run(
            id=make_run_id(),
            flow=old.flow,
            flow_version=version,
            project=old.project,
            driver=Driver.BACKFILL if given.is_whole else old.driver,
            params=params,
            selection=old.selection,
            logical_date=old.logical_date,
            interval_start=old.interval_start,
            interval_end=old.interval_end,
            created=now(),
            retry_of=old.id,
            priority=old.priority,
            user=author.user,
            cache=old.cache and not given.is_whole,
        )
        plan = self.plan_again(fresh)
        author.permit(plan, fresh.project)
        pinned = pin_models(plan, self._catalog.models, None if given.is_now else old.models)
        settled = pin_code(pinned.plan, self._store, None if given.is_now else old.code)
        kept = {} if given.is_whole else self._find_kept(old, settled.plan, is_edited=edit is not None)
        return self._write(replace(fresh, models=pinned.models, code=settled.code), settled.plan, kept)

    def plan_again(self, run: Run) -> Plan:
        """The plan of a run that was accepted before: from the same text, parameters and dates, so the same plan."""
        doc = self._documents.get(run.flow, run.flow_version)
        return name_code(name_models(self._make_plan(run, doc), run.models), run.code)

    def _find_beyond(self, checked: Checked) -> tuple[Problem, ...]:
        """What the engine or the machines could not do, of the nodes whose needs can be read."""
        doc = checked.doc
        if doc is None:
            return ()
        try:
            ready = preview_flow(doc, RunContext.at(now(), "check"))
        except BadDocument as error:
            told = {problem.node for problem in error.problems}
            if None in told:
                return () if checked.problems else error.problems
            sound = {name: node for name, node in doc.nodes.items() if name not in told}
            ready = preview_flow(doc.model_copy(update={"nodes": sound}), RunContext.at(now(), "check"))
            places = {(problem.node, problem.field) for problem in checked.problems}
            more = tuple(problem for problem in error.problems if (problem.node, problem.field) not in places)
        else:
            more = ()
        slices = {name: slice_of(needs) for name, needs in ready.needs.items() if not ready.nodes[name].muted}
        return more + find_not_yet(ready, self._specs) + find_impossible(slices, self._machines)

    def _make_plan(self, run: Run, doc: FlowDoc) -> Plan:
        context = RunContext(run.params, run.logical_date or run.created, *run.interval, run.id)
        ready = render_flow(doc, context)
        problems = check_flow(ready, self._specs) + find_not_yet(ready, self._specs)
        if problems:
            raise BadDocument(problems)
        return make_plan(ready, self._specs, run.flow_version, run.selection)

    def _edit(self, old: Run, edit: Edit) -> tuple[int, dict[str, Any]]:
        """Flow version and parameters of a run that is repeated after an edit.

        What the old run was given over the defaults of its flow stays given, as far as the flow still has it.
        """
        before = read_flow(self._catalog.flows.get_flow(old.flow, old.flow_version).text)
        version = self._catalog.flows.get_flow(old.flow, edit.flow_version or old.flow_version)
        doc = check_text(version.text, self._specs)
        given = {
            name: value
            for name, value in old.params.items()
            if name in doc.params and (name not in before.params or value != before.params[name])
        }
        return version.version, resolve_params(doc, given | edit.params)

    def _find_kept(self, old: Run, plan: Plan, *, is_edited: bool) -> dict[str, Step]:
        """The steps of an ended run that need not be done again: nothing that they stand on is."""
        done = {step.node: step for step in self._catalog.runs.list_steps(old.id) if step_is_done(step.state)}
        if is_edited:
            before, after = self._catalog.results.list_recipes(old.id), make_recipes(plan, self._surroundings)
            same = {node for node in before.keys() & after.keys() if before[node].digest == after[node].digest}
            done = {node: step for node, step in done.items() if node in same}
        sound = self._takeover.keep_sound(done)
        anew: set[str] = set()
        for step in plan.steps:
            stands_on_new = any(source.node in anew for source in step.inputs.values())
            if step.skip is None and (step.node not in sound or stands_on_new):
                anew.add(step.node)
        return {node: step for node, step in sound.items() if node not in anew}

    def _write(self, run: Run, plan: Plan, kept: dict[str, Step]) -> Accepted:
        recipes, steps = self._make_ready(run, plan, kept)
        self._catalog.runs.create_run(run, steps, recipes)
        return Accepted(run, steps, plan)

    def _make_ready(self, run: Run, plan: Plan, kept: dict[str, Step]) -> tuple[dict[str, Recipe], tuple[Step, ...]]:
        """What the steps are made by, and their records as they begin."""
        self._check_slices(plan)
        self._check_secrets(plan, run.project)
        recipes = make_recipes(plan, self._surroundings)
        wanted = [step.node for step in plan.steps if step.is_given and step.node not in kept]
        given = self._takeover.find_given(run, plan, recipes, wanted)
        earlier = {node: take_over(step, run) for node, step in (kept | given).items()}
        return recipes, tuple(earlier.get(step.node) or Step(run.id, step.node) for step in plan.steps)

    def _check_plan(self, plan: Plan, project: str, permit: Permit) -> None:
        permit(plan, project)
        self._check_slices(plan)
        self._check_secrets(plan, project)

    def _check_slices(self, plan: Plan) -> None:
        slices = {step.node: step.slice for step in plan.steps if step.skip is None and not step.is_given}
        problems = find_impossible(slices, self._machines)
        if problems:
            raise BadDocument(problems)

    def _check_secrets(self, plan: Plan, project: str) -> None:
        """A step shall not find out after hours that a secret is not there."""
        wanted = [(step.node, name) for step in plan.steps if step.skip is None for name in step.secrets]
        known = [secret.name for secret in self._catalog.secrets.list_secrets(project)] if wanted else []
        problems = tuple(
            Problem(node, "secrets", "secret", f"project {project} has no secret {name}", find_nearest(name, known))
            for node, name in wanted
            if name not in known
        )
        if problems:
            raise BadDocument(problems)


def _make_run(order: RunOrder, doc: FlowDoc, version: int) -> Run:
    created = now()
    return Run(
        id=order.id or make_run_id(),
        flow=doc.name,
        flow_version=version,
        project=order.project,
        driver=order.driver,
        params=resolve_params(doc, order.params),
        selection=order.selection,
        logical_date=order.logical_date or created,
        created=created,
        priority=check_priority(order.priority),
        user=order.user,
        cache=order.cache,
        retry_of=order.retry_of,
        origin=order.origin,
        place=order.place,
        event=order.event,
        interval_start=order.interval_start,
        interval_end=order.interval_end,
    )
