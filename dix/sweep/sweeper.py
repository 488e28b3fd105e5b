"""The sweeper: the one process that owns sweeps, as a detached actor that Ray restarts.

It reads what was written down when it starts, and goes on from there; then it waits for news of runs, and for whoever
has changed a sweep.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import GetTimeoutError, RayActorError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.algorithms.lookup import list_specs
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.host import NAMESPACE
from dix.engine.news import News, NewsSource
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine
from dix.errors import PlatformError, Unreachable
from dix.logs import get_logger, start_logging
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.sweep.base import SweepOwner
from dix.sweep.rounds import Rounds

SWEEPER_NAME = "sweeper"
NEWS_LIMIT_S = 20.0  # so often all is looked at anew, for what nobody tells of
PAUSE_S = 0.5

_START_TIMEOUT_S = 60.0
_ANSWER_TIMEOUT_S = 30.0
_BEFORE_RESTART_S = 1.0
_CALLS_AT_ONCE = 32

_logger = get_logger("sweep")


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody has changed a sweep; `answer` is given when what follows from that has been done."""

    sweep: str
    answer: Future[bool] = field(default_factory=Future)


class Loop:
    """The one loop. `hear` may be called from any thread."""

    def __init__(self, rounds: Rounds, news: NewsSource) -> None:
        self._rounds = rounds
        self._news = news
        self._happenings: queue.SimpleQueue[Changed | News | None] = queue.SimpleQueue()
        self._has_others = threading.Event()  # news are listened to only while a sweep goes on
        self._is_over = False

    def hear(self, happening: Changed | News | None) -> None:
        """Something happened; None ends the loop."""
        self._happenings.put(happening)

    def start_threads(self, on_death: Callable[[], None] = lambda: None) -> list[threading.Thread]:
        """The loop, and who listens for it, in threads of their own; `on_death` is called where one dies."""
        threads = []
        for name, act in (("sweeper", self._run), ("listener", self._listen)):
            threads.append(threading.Thread(target=self._guard, args=(act, on_death), name=name, daemon=True))
            threads[-1].start()
        return threads

    def _guard(self, act: Callable[[], None], on_death: Callable[[], None]) -> None:
        has_ended = False
        try:
            act()
            has_ended = True
        finally:
            if not has_ended:
                _logger.error("the sweeper's loop has died\n%s", traceback.format_exc())
                on_death()

    def _run(self) -> None:
        self._patiently(self._rounds.begin)
        while not self._is_over:
            self._listen_if_needed()
            happenings = self._wait()
            changed = [one for one in happenings if isinstance(one, Changed)]
            news = [one for one in happenings if isinstance(one, News)]
            self._patiently(lambda changed=changed, news=news: self._do_round(changed, news))  # type: ignore[misc]
            for one in changed:
                one.answer.set_result(True)

    def _do_round(self, changed: Iterable[Changed], news: Iterable[News]) -> None:
        self._rounds.reread(dict.fromkeys(one.sweep for one in changed))
        self._rounds.hear(news)

    def _wait(self) -> list[Changed | News]:
        """All that has happened; or nothing, when a sweep's time is over."""
        happenings: list[Changed | News | None] = []
        with contextlib.suppress(queue.Empty):
            happenings.append(self._happenings.get(timeout=self._rounds.patience_s()))
            if isinstance(happenings[0], News):
                time.sleep(self._rounds.gather_s())
            while True:
                happenings.append(self._happenings.get_nowait())
        self._is_over = None in happenings
        if self._is_over:
            self._has_others.set()
        return [happening for happening in happenings if happening is not None]

    def _listen_if_needed(self) -> None:
        if self._rounds.has_open():
            self._has_others.set()
        else:
            self._has_others.clear()

    def _listen(self) -> None:
        mark = ""
        while not self._is_over:
            self._has_others.wait()
            try:
                news = self._news.wait_for_news(mark, NEWS_LIMIT_S)
            except Unreachable as error:
                _logger.warning("no news: %s", error)
                time.sleep(PAUSE_S)
                continue
            is_same = news.mark == mark
            mark = news.mark
            # Nothing was told for a while: what ends without the engine's doing is found by looking.
            self.hear(News(mark, is_whole=False) if is_same else news)

    def _patiently(self, act: Callable[[], None]) -> None:
        """Again and again while the catalog or the engine is away, from what is written down then."""
        is_lost = False
        while True:
            try:
                if is_lost:
                    self._rounds.begin()
                act()
            except PlatformError as error:
                _logger.warning("the sweeper waits: %s", error)
                time.sleep(PAUSE_S)
                is_lost = True
            else:
                return


class Sweeper:
    """Joins the loop with Ray; its methods are called from other processes."""

    def __init__(self, store: StoreOptions, log_level: str) -> None:
        start_logging(log_level)
        catalog = ProxyCatalog()
        specs, machines, line = list_specs(), RayMachines(), SupervisorLine()
        opened = open_store_with(store)
        desk = Desk(catalog, opened, line, lambda: Acceptance(catalog, specs, machines.list(), opened))
        self._loop = Loop(Rounds(catalog, desk), line)
        self._loop.start_threads(on_death=_end_process)

    def ping(self) -> int:
        """Its process."""
        return os.getpid()

    def look_at(self, sweep: str) -> bool:
        """A sweep was changed; answers when what follows has been done."""
        changed = Changed(sweep)
        self._loop.hear(changed)
        try:
            return changed.answer.result(timeout=_ANSWER_TIMEOUT_S)
        except TimeoutError:
            return False


class SweeperLine:
    """The line to the sweeper from any process that is connected to Ray."""

    def look_at(self, sweep: str) -> None:
        """Should it be away, it looks when it is back."""
        try:
            handle = ray.get_actor(SWEEPER_NAME, namespace=NAMESPACE)
            ray.get(handle.look_at.remote(sweep), timeout=2 * _ANSWER_TIMEOUT_S)
        except (ValueError, GetTimeoutError, RayActorError) as error:
            _logger.warning("sweep %s waits for the sweeper: %s", sweep, error)


def start_sweeper(store: StoreOptions, log_level: str) -> ActorHandle[Sweeper]:
    """The running sweeper, started on this machine when there is none."""
    actor: Any = ray.remote(num_cpus=0, max_concurrency=_CALLS_AT_ONCE)  # type: ignore[call-overload]
    handle: ActorHandle[Sweeper] = (
        actor(Sweeper)
        .options(
            name=SWEEPER_NAME,
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


def stop_sweeper() -> None:
    """End it; nothing happens when there is none."""
    with contextlib.suppress(ValueError):
        ray.kill(ray.get_actor(SWEEPER_NAME, namespace=NAMESPACE))


def _end_process() -> None:
    """Nothing goes on here any more: Ray starts the actor anew, and it reads what is on disk."""
    time.sleep(_BEFORE_RESTART_S)
    os._exit(1)


def _fits(line: SweeperLine) -> SweepOwner:
    return line
