"""The engine as doors see it: accepts runs here, and hands them to whoever owns runs, in this process or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from dix.catalog.base import Catalog
from dix.engine.acceptance import Acceptance, Accepted
from dix.engine.base import Author, Edit, Engine, Permit, RunOrder, permit_all
from dix.engine.entrance import TakeUp
from dix.engine.estimate import LOOKED_AT, make_estimate
from dix.engine.gates import Gates
from dix.engine.logbook import count_lines, read_lines
from dix.errors import Conflict, NotFound
from dix.flow.document import FlowDoc
from dix.names import find_nearest
from dix.records.estimate import Estimate
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.records.page import Page
from dix.records.run import Run, check_priority
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import RunState, run_is_over
from dix.records.stream import Stream
from dix.store.store import Store


class RunOwner(Protocol):
    """Whoever owns runs: the supervisor in its actor, or a runner in this process."""

    def take_up(self, run: TakeUp) -> None:
        """A run has been accepted and is on disk; may return before it is heard."""

    def cancel(self, run: str) -> bool:
        """End a run; False when it was over already."""

    def set_priority(self, run: str, priority: int) -> bool:
        """Let it go sooner or later; False when it was over already."""

    def reread_projects(self) -> None:
        """Returns when the quotas that are in the catalog now hold."""

    def read_usage(self) -> dict[str, dict[str, float]]:
        """What is used, by project and resource."""

    def look_at_held(self) -> None:
        """Runs were held, or limits are others; may return before it is heard."""


class Desk:
    """Implements `Engine` over a catalog, a store and the owner of runs."""

    def __init__(
        self, catalog: Catalog, store: Store, owner: RunOwner, make_acceptance: Callable[[], Acceptance]
    ) -> None:
        """`make_acceptance` is called for each run, so that it sees the cluster as it is then."""
        self._catalog = catalog
        self._store = store
        self._owner = owner
        self._make_acceptance = make_acceptance

    def check_flow(self, text: str) -> FlowDoc:
        return self._make_acceptance().check(text)

    def start_run(self, order: RunOrder) -> Run:
        gates = Gates(self._catalog.limits.list_limits(), {})
        if gates.concern(Stream(order.flow, order.driver, order.origin)):
            return self.hold_runs((order,))[0]
        return self._hand_over(self._make_acceptance().accept(order))

    def hold_runs(self, orders: Sequence[RunOrder]) -> tuple[Run, ...]:
        held = self._make_acceptance().hold(orders)
        self._owner.look_at_held()
        return held

    def edit_held(
        self,
        run: str,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        priority: int | None = None,
        permit: Permit = permit_all,
    ) -> Run:
        found = self._catalog.runs.get_run(run)
        given = None if params is None else self._make_acceptance().check_params(found, params, permit)
        if priority is not None:
            check_priority(priority)
        if not self._catalog.held.edit_held(run, params=given, place=place, priority=priority):
            raise Conflict("run", run, "held no more", "edited")
        self._owner.look_at_held()
        return self._catalog.runs.get_run(run)

    def reread_limits(self) -> None:
        self._owner.look_at_held()

    def estimate_run(self, order: RunOrder, text: str | None = None, sight: Sight = EVERYTHING) -> Estimate:
        plan = self._make_acceptance().look_ahead(order, text)
        nodes = tuple(step.node for step in plan.steps)
        earlier = self._catalog.attempts.list_earlier(plan.flow, nodes, LOOKED_AT, sight)
        return make_estimate(plan, earlier, self._catalog.usage.get_prices())

    def retry_run(self, run: str, edit: Edit | None = None, by: Author | None = None) -> Run:
        return self._hand_over(self._make_acceptance().repeat(run, edit, by))

    def cancel_run(self, run: str) -> Run:
        found = self._catalog.runs.get_run(run)
        if found.held and self._catalog.held.end_held(run, RunState.CANCELLED, now()):
            return self._catalog.runs.get_run(run)
        if run_is_over(found.state) or not self._owner.cancel(run):
            raise Conflict("run", run, self._catalog.runs.get_run(run).state, "cancelled")
        return self._catalog.runs.get_run(run)

    def set_priority(self, run: str, priority: int) -> Run:
        check_priority(priority)
        found = self._catalog.runs.get_run(run)
        if found.held and self._catalog.held.edit_held(run, priority=priority):
            self._owner.look_at_held()
            return self._catalog.runs.get_run(run)
        if run_is_over(found.state) or not self._owner.set_priority(run, priority):
            raise Conflict("run", run, self._catalog.runs.get_run(run).state, "moved in the queue")
        return self._catalog.runs.get_run(run)

    def reread_projects(self) -> None:
        self._owner.reread_projects()

    def read_usage(self) -> dict[str, dict[str, float]]:
        return self._owner.read_usage()

    def measure_logs(self, run: str) -> int:
        is_over = run_is_over(self._catalog.runs.get_run(run).state)
        return count_lines(self._store, run) + is_over

    def read_logs(
        self,
        run: str,
        node: str | None = None,
        attempt: int | None = None,
        *,
        cursor: str | None = None,
        search: str | None = None,
    ) -> Page[LogLine]:
        # The state is read first: when it is over then, whatever is read now is all there will ever be.
        is_over = run_is_over(self._catalog.runs.get_run(run).state)
        nodes = [step.node for step in self._catalog.runs.list_steps(run)]
        if node is not None and node not in nodes:
            raise NotFound("node", node, find_nearest(node, nodes))
        chosen = nodes if node is None else [node]
        page = read_lines(self._store, run, chosen, attempt, cursor=cursor, search=search)
        return Page(page.items, None if is_over and page.is_whole else page.cursor)

    def _hand_over(self, accepted: Accepted) -> Run:
        self._owner.take_up(TakeUp(accepted.run, accepted.steps, accepted.plan))
        return accepted.run


def _check(desk: Desk) -> Engine:
    return desk
