"""The scheduler: the one process that lets runs begin by themselves, as a detached actor that Ray restarts.

It reads what was written down when it starts, and goes on from there. Between the moments at which something is due it
sleeps; it is told of changes and events.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from datetime import datetime
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import GetTimeoutError, RayActorError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.algorithms.lookup import list_specs
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine
from dix.errors import Unreachable
from dix.logs import get_logger, start_logging
from dix.records.backfill import Backfill, BackfillState
from dix.records.schedule import EventKind
from dix.records.tag import Expected
from dix.schedule.backfills import BackfillDesk
from dix.schedule.rounds import Rounds
from dix.schedule.timekeeper import Timekeeper
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions

SCHEDULER_NAME = "scheduler"
NAMESPACE = "dix"
CALLS_AT_ONCE = 16
_START_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT_S = 60.0
# A backfill of the most dates is checked run by run before any is written down.
_CREATE_TIMEOUT_S = 600.0
_BEFORE_RESTART_S = 2.0

_logger = get_logger("schedule")


class Scheduler:
    """Joins the rounds with Ray; its methods are called from other processes."""

    def __init__(self, store: StoreOptions, log_level: str) -> None:
        start_logging(log_level)
        catalog, opened = ProxyCatalog(), open_store_with(store)
        specs, machines, supervisor = list_specs(), RayMachines(), SupervisorLine()
        engine = Desk(catalog, opened, supervisor, lambda: Acceptance(catalog, specs, machines.list(), opened))
        self._rounds = Rounds(Timekeeper(catalog, engine, opened), BackfillDesk(catalog, engine), supervisor)
        self._rounds.start_threads(on_death=_end_process)

    def ping(self) -> None:
        """Answers once it runs."""

    def reread(self, name: str) -> None:
        """A schedule was made, changed or deleted: what is in the catalog holds once this answers."""
        self._rounds.reread(name)

    def look_at_aliases(self) -> None:
        """One was set."""
        self._rounds.look_at_events(EventKind.ALIAS)

    def create_backfill(self, backfill: Backfill) -> Backfill:
        """Make it and all its runs."""
        with self._rounds.turn() as backfills:
            return backfills.create(backfill)

    def change_backfill(
        self,
        id: str,
        state: BackfillState | None,
        concurrency: int | None,
        *,
        user: str,
        at: datetime,
        expected: Expected | None,
    ) -> Backfill:
        """Pause it, resume it, cancel it, or change how many of its runs go at once."""
        with self._rounds.turn() as backfills:
            return backfills.change(id, state=state, concurrency=concurrency, user=user, at=at, expected=expected)


class SchedulerLine:
    """The line to the scheduler from any process that is connected to Ray (`api.parts.Scheduler`)."""

    def reread(self, name: str) -> None:
        """Should it be away, it reads everything when it is back."""
        try:
            self._ask("reread", name)
        except Unreachable as error:
            _logger.warning("schedule %s waits: %s", name, error)

    def look_at_aliases(self) -> None:
        """Returns at once: should it be away, it looks when it is back."""
        with contextlib.suppress(Unreachable):
            self._find().look_at_aliases.remote()

    def create_backfill(self, backfill: Backfill) -> Backfill:
        """Returns when its runs are on disk; raises what is wrong with it, and Unreachable."""
        made: Backfill = self._ask("create_backfill", backfill, timeout_s=_CREATE_TIMEOUT_S)
        return made

    def change_backfill(
        self,
        id: str,
        state: BackfillState | None = None,
        concurrency: int | None = None,
        *,
        user: str,
        at: datetime,
        expected: Expected | None = None,
    ) -> Backfill:
        """Returns when it holds; raises NotFound, Conflict, Changed and Unreachable."""
        made: Backfill = self._ask(
            "change_backfill",
            id,
            state,
            concurrency,
            timeout_s=_CREATE_TIMEOUT_S,
            user=user,
            at=at,
            expected=expected,
        )
        return made

    def _ask(self, method: str, *values: object, timeout_s: float = _ANSWER_TIMEOUT_S, **more: object) -> Any:
        try:
            return ray.get(getattr(self._find(), method).remote(*values, **more), timeout=timeout_s)
        except (GetTimeoutError, RayActorError):
            raise Unreachable("the scheduler", f"no answer within {timeout_s:g} s") from None
        except RayTaskError as error:
            raise error.cause from None

    def _find(self) -> ActorHandle[Scheduler]:
        try:
            return ray.get_actor(SCHEDULER_NAME, namespace=NAMESPACE)
        except ValueError:
            raise Unreachable("the scheduler", "it does not run") from None


def start_scheduler(store: StoreOptions, log_level: str) -> ActorHandle[Scheduler]:
    """The running scheduler, started on this machine when there is none; `wait_for_scheduler` waits for it."""
    actor: Any = ray.remote(num_cpus=0, max_concurrency=CALLS_AT_ONCE)  # type: ignore[call-overload]
    handle: ActorHandle[Scheduler] = (
        actor(Scheduler)
        .options(
            name=SCHEDULER_NAME,
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_task_retries=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False),
        )
        .remote(store, log_level)
    )
    return handle


def wait_for_scheduler(handle: ActorHandle[Scheduler]) -> None:
    """Return when it answers; raises Unreachable when it does not in time."""
    try:
        ray.get(handle.ping.remote(), timeout=_START_TIMEOUT_S)
    except GetTimeoutError:
        raise Unreachable("the scheduler", f"it did not start within {_START_TIMEOUT_S:g} s") from None


def stop_scheduler() -> None:
    """End it; nothing happens when there is none."""
    with contextlib.suppress(ValueError):
        ray.kill(ray.get_actor(SCHEDULER_NAME, namespace=NAMESPACE))


def _end_process() -> None:
    """A loop has died, so nothing goes on here any more: Ray starts the actor anew, and it reads what is on disk."""
    _logger.error("the scheduler has died\n%s", traceback.format_exc())
    time.sleep(_BEFORE_RESTART_S)
    os._exit(1)
