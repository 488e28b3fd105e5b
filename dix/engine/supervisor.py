"""The supervisor: the one process that owns runs, as a detached actor that Ray restarts.

It reads what was written down when it starts, and goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import time
from collections.abc import Iterable
from typing import Any, TypeVar

import ray
from ray.actor import ActorHandle
from ray.exceptions import GetTimeoutError, RayActorError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.algorithms.lookup import list_specs
from dix.catalog.base import Catalog
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.documents import Documents
from dix.engine.doorman import Doorman
from dix.engine.entrance import TakeUp
from dix.engine.host import NAMESPACE, SUPERVISOR_NAME, end_hosts
from dix.engine.keeper import end_keepers
from dix.engine.messages import Beat
from dix.engine.news import News, NewsBoard
from dix.engine.ray_executor import RayExecutor
from dix.engine.ray_machines import RayMachines
from dix.engine.recovery import take_up_unfinished
from dix.engine.runner import Runner
from dix.engine.scribe import Scribe
from dix.engine.wishes import Cancel, ReadProjects, SetPriority, TellUsage, Wish
from dix.errors import Unreachable
from dix.logs import get_logger, start_logging
from dix.registry.registry import Registry
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions

CALLS_AT_ONCE = 64
_START_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT_S = 30.0
_BEFORE_RESTART_S = 2.0

_Answer = TypeVar("_Answer")
_logger = get_logger("engine")


class Supervisor:
    """Joins the runner with Ray; its methods are called from other processes."""

    def __init__(self, store: StoreOptions, log_level: str) -> None:
        start_logging(log_level)
        catalog: Catalog = ProxyCatalog()
        opened = open_store_with(store)
        scribe = Scribe(Registry(catalog.models, opened), catalog.models)
        self._news = NewsBoard()
        self._runner = Runner(catalog, store, scribe.write_soon, self._hear_news)
        machines = RayMachines()
        specs = list_specs()
        for taken in take_up_unfinished(catalog, Acceptance(catalog, specs, machines.list())):
            self._runner.hear(taken)
        documents = Documents(catalog.flows)
        self._doorman = Doorman(
            catalog,
            lambda: Acceptance(catalog, specs, machines.list(), opened, documents),
            self._runner.hear,
            self._news,
        )
        self._runner.start_thread(RayExecutor(self._runner, machines, on_death=_end_process), on_death=_end_process)
        self._doorman.start_thread(on_death=_end_process)

    def ping(self) -> None:
        """Answers once what was unfinished has been taken up."""

    def take_up(self, run: bytes) -> None:
        """A run (a pickled `TakeUp`) has been accepted and is on disk."""
        self._runner.hear(pickle.loads(run))  # noqa: S301 our own line's

    def cancel(self, run: str) -> bool:
        """End a run; False when it was over already. Answers when it is written down."""
        return self._wish(Cancel(run))

    def set_priority(self, run: str, priority: int) -> bool:
        """Let a run go sooner or later; False when it was over already. Answers when it is written down."""
        return self._wish(SetPriority(run, priority))

    def reread_projects(self) -> bool:
        """Answers when the quotas that are in the catalog now hold."""
        return self._wish(ReadProjects())

    def read_usage(self) -> dict[str, dict[str, float]]:
        """What is used, by project and resource."""
        return self._wish(TellUsage())

    def look_at_held(self) -> None:
        """Runs were held, or limits are others."""
        self._doorman.ring(has_others=True)

    def wait_for_news(self, mark: str, timeout_s: float) -> News:
        """As a `NewsSource`."""
        return self._news.wait_for_news(mark, timeout_s)

    def hear_beat(self, beat: Beat) -> None:
        """A worker's sign of life."""
        self._runner.on_beat(beat)

    def _hear_news(self, ended: Iterable[str], measured: Iterable[str]) -> None:
        over = tuple(ended)
        self._news.tell(over, measured)
        if over:
            self._doorman.ring()

    def _wish(self, wish: Wish[_Answer]) -> _Answer:
        self._runner.hear(wish)  # type: ignore[arg-type]  # each wish is a happening
        try:
            return wish.answer.result(timeout=_ANSWER_TIMEOUT_S)
        except TimeoutError:
            raise Unreachable("the supervisor", "it waits for the catalog") from None


def start_supervisor(store: StoreOptions, log_level: str) -> ActorHandle[Supervisor]:
    """The running supervisor, started on this machine when there is none; `wait_for_supervisor` waits for it."""
    actor: Any = ray.remote(num_cpus=0, max_concurrency=CALLS_AT_ONCE)  # type: ignore[call-overload]
    handle: ActorHandle[Supervisor] = (
        actor(Supervisor)
        .options(
            name=SUPERVISOR_NAME,
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


class SupervisorLine:
    """The line to the supervisor from any process that is connected to Ray (`desk.RunOwner`)."""

    def take_up(self, run: TakeUp) -> None:
        """Returns at once: should it be away, it finds the run on disk when it is back."""
        try:
            supervisor = self._find()
        except Unreachable as error:
            _logger.warning("run %s waits: %s", run.run.id, error)
            return
        supervisor.take_up.remote(pickle.dumps(run))  # a plain pickle: Ray's takes twice as long

    def cancel(self, run: str) -> bool:
        """Returns when it is written down; raises Unreachable."""
        return bool(self._ask("cancel", run))

    def set_priority(self, run: str, priority: int) -> bool:
        """Returns when it is written down; raises Unreachable."""
        return bool(self._ask("set_priority", run, priority))

    def reread_projects(self) -> None:
        """Should it be away, it reads them when it is back."""
        try:
            self._ask("reread_projects")
        except Unreachable as error:
            _logger.warning("new quotas wait: %s", error)

    def read_usage(self) -> dict[str, dict[str, float]]:
        """Raises Unreachable."""
        usage: dict[str, dict[str, float]] = self._ask("read_usage")
        return usage

    def look_at_held(self) -> None:
        """Returns at once: should it be away, it looks when it is back."""
        with contextlib.suppress(Unreachable):
            self._find().look_at_held.remote()

    def wait_for_news(self, mark: str, timeout_s: float) -> News:
        """As a `NewsSource`; one thread of the supervisor waits with each who asks."""
        news: News = self._ask("wait_for_news", mark, timeout_s, more_s=timeout_s)
        return news

    def _ask(self, method: str, *values: object, more_s: float = 0.0) -> Any:
        limit_s = 2 * _ANSWER_TIMEOUT_S + more_s
        try:
            return ray.get(getattr(self._find(), method).remote(*values), timeout=limit_s)
        except (GetTimeoutError, RayActorError):
            raise Unreachable("the supervisor", f"no answer within {limit_s:g} s") from None
        except RayTaskError as error:
            raise error.cause from None

    def _find(self) -> ActorHandle[Supervisor]:
        try:
            return ray.get_actor(SUPERVISOR_NAME, namespace=NAMESPACE)
        except ValueError:
            raise Unreachable("the supervisor", "it does not run") from None


def wait_for_supervisor(handle: ActorHandle[Supervisor]) -> None:
    """Return when it answers; raises Unreachable when it does not in time."""
    try:
        ray.get(handle.ping.remote(), timeout=_START_TIMEOUT_S)
    except GetTimeoutError:
        raise Unreachable("the supervisor", f"it did not start within {_START_TIMEOUT_S:g} s") from None


def _end_process() -> None:
    """The loop has died, so nothing goes on here any more: Ray starts the actor anew, and it reads what is on disk."""
    time.sleep(_BEFORE_RESTART_S)
    os._exit(1)


def stop_supervisor() -> None:
    """End it, the hosts with what runs there, and the keepers. Nothing happens when there are none."""
    with contextlib.suppress(ValueError):
        ray.kill(ray.get_actor(SUPERVISOR_NAME, namespace=NAMESPACE))
    end_keepers()
    end_hosts()
