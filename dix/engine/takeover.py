"""Taking over what steps of earlier runs have left, after a look whether it is still there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from dix.catalog.base import Catalog
from dix.engine.orders import find_version
from dix.engine.plan import Plan
from dix.engine.recipes import tell_changes
from dix.errors import BadDocument, NotFound, Problem
from dix.names import is_model_reference
from dix.records.recipe import Recipe
from dix.records.run import Run
from dix.records.states import StepState
from dix.records.step import Step
from dix.store.store import Store

_THREADS = 8


class Takeover:
    """Finds steps of earlier runs that may stand for those of a new one."""

    def __init__(self, catalog: Catalog, store: Store | None) -> None:
        """Without a store, what is written down about outputs is believed."""
        self._catalog = catalog
        self._store = store

    def find_given(self, run: Run, plan: Plan, recipes: Mapping[str, Recipe], nodes: Iterable[str]) -> dict[str, Step]:
        """For each of these nodes, the newest step of an earlier run by the same recipe whose outputs are there.

        Raises BadDocument with a problem for each node that has none.
        """
        wanted = {node: recipes[node].digest for node in nodes}
        found: dict[str, list[Step]] = {digest: [] for digest in wanted.values()}
        for result in self._catalog.results.find_results(run.flow, run.project, [recipes[node] for node in wanted]):
            found[result.recipe.digest].append(result.step)
        taken: dict[str, Step] = {}
        gone: dict[str, str] = {}
        for node, digest in wanted.items():
            for step in found[digest]:
                why = self.find_gone(step)
                if why is None:
                    taken[node] = step
                    break
                gone.setdefault(node, f"run {step.run} has left it, but {why}")
        missing = [node for node in wanted if node not in taken]
        if missing:
            raise BadDocument(self._list_problems(run, plan, recipes, missing, gone))
        return taken

    def keep_sound(self, steps: Mapping[str, Step]) -> dict[str, Step]:
        """Those of the steps whose outputs are still there."""
        if self._store is None or not any(step.digests for step in steps.values()):
            return dict(steps)
        with ThreadPoolExecutor(_THREADS) as pool:
            reasons = list(pool.map(self.find_gone, steps.values()))
        return {node: steps[node] for node, reason in zip(steps, reasons, strict=True) if reason is None}

    def find_gone(self, step: Step) -> str | None:
        """Which output of a step is not what it was, in words; None when all are, as far as their content is known."""
        for port, digest in step.digests.items():
            uri = step.outputs[port]
            if self._store is not None and not self._is_there(self._store, uri, digest):
                return f"its output {port} ({uri}) is not there any more, or something else is"
        return None

    def _is_there(self, store: Store, uri: str, digest: str) -> bool:
        try:
            if is_model_reference(uri):
                uri = find_version(uri, self._catalog.models).uri
            there = store.find_digest(uri)
            return there == digest if there is not None else store.exists(uri)
        except NotFound:
            return False

    def _list_problems(
        self, run: Run, plan: Plan, recipes: Mapping[str, Recipe], missing: list[str], gone: Mapping[str, str]
    ) -> tuple[Problem, ...]:
        last = self._catalog.results.find_last(run.flow, run.project, missing)
        problems = []
        for node in missing:
            takers = ", ".join(step.node for step in plan.steps if any(s.node == node for s in step.inputs.values()))
            why = gone.get(node)
            if why is None and node in last:
                why = f"run {last[node].step.run} left another: {tell_changes(last[node].recipe, recipes[node])}"
            message = (
                f"it is not part of this run, and no earlier run of {run.flow} has left what {takers} needs from it "
                f"({why or 'it has not succeeded there yet'}); run it first, with --to {node}"
            )
            problems.append(Problem(node, None, "no-earlier-output", message))
        return tuple(problems)


def take_over(step: Step, run: Run) -> Step:
    """The record of a step that is not done again; it names the run that did it, however often it was handed on."""
    origin = step.origin or step.run
    return replace(
        step,
        run=run.id,
        state=StepState.CACHED,
        reason=f"taken from run {origin}",
        error=None,
        trace=None,
        attempt=0,
        failures=0,
        origin=origin,
        why_run=None,
    )
