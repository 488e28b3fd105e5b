"""The keeper of a machine: ends hosts with all that they have started, and those whose steps take more than they may.

One detached actor to a machine, which Ray restarts. It reads the hosts' badges, so it need not be told of any host, and
forgets nothing that matters when it dies.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.engine.badge import Badge, clear_dead_hosts, end_host, find_host, machine_folder, read_badge
from dix.engine.hosting import Obituary
from dix.engine.removal import remove_tree
from dix.engine.watch import Watch

NAMESPACE: Final = "dix"
KEEPER_PREFIX: Final = "keeper-"
LOOK_EVERY_S = 0.2
_REST_S = 1.0  # between two looks while no host has a step
_CALLS_AT_ONCE = 16
_BURY_TIMEOUT_S = 5.0


class Keeper:
    """Its methods may be called from any thread."""

    def __init__(self, machine: str, *, watches: bool = True) -> None:
        """`machine` is Ray's id of it. Without `watches` it looks only when asked."""
        self._folder = machine_folder(machine)
        self._watches: dict[str, Watch] = {}
        self._lock = threading.Lock()  # guards the watches
        self._orphaned: set[str] = set()  # hosts that are dead, with what they had started
        clear_dead_hosts()
        if watches:
            threading.Thread(target=self._look_on, name="keeper", daemon=True).start()

    def ping(self) -> None:
        """Answers once it works."""

    def bury(self, name: str) -> Obituary:
        """End a host, if it still lives, with everything that it has started; its folder goes. Says what was known."""
        folder = self._folder / name
        with self._lock:
            watch = self._watches.pop(name, None)
            self._orphaned.discard(name)
        badge = read_badge(folder)
        if badge is None:
            return Obituary()
        end_host(badge, watch.seen if watch else ())
        badge = read_badge(folder) or badge
        remove_tree(folder)
        if watch is not None and watch.verdict is not None:
            return Obituary(watch.blamed, watch.verdict, watch.at)
        return Obituary(badge.attempt)

    def bury_all(self, spared: Collection[str] = ()) -> tuple[Obituary, ...]:
        """The same with every host of this machine but these."""
        return tuple(self.bury(folder.name) for folder in self._list_folders() if folder.name not in spared)

    def look(self) -> bool:
        """Look at every host once; whether any has a step."""
        is_busy = False
        for folder in self._list_folders():
            badge = read_badge(folder)
            if badge is None:
                continue
            if find_host(badge) is None:
                self._end_orphans(badge)
                continue
            is_busy = is_busy or badge.attempt is not None
            with self._lock:
                watch = self._watches.setdefault(badge.host, Watch(folder))
            if watch.find_excess(badge) is not None:
                end_host(badge, watch.seen)
        return is_busy

    def _end_orphans(self, badge: Badge) -> None:
        """A host has died: what it had started ends at once; its folder is kept until it is buried."""
        if badge.host in self._orphaned:
            return
        self._orphaned.add(badge.host)
        with self._lock:
            watch = self._watches.get(badge.host)
        end_host(badge, watch.seen if watch else ())

    def _look_on(self) -> None:
        try:
            while True:
                time.sleep(LOOK_EVERY_S if self.look() else _REST_S)
        finally:  # without it no limit would hold: Ray starts another keeper
            os._exit(1)

    def _list_folders(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if path.is_dir()]
        except FileNotFoundError:
            return []


def find_keeper(machine: str) -> ActorHandle[Keeper] | None:
    """The keeper that runs on a machine; None when there is none."""
    try:
        return ray.get_actor(KEEPER_PREFIX + machine, namespace=NAMESPACE)
    except ValueError:
        return None


def start_keeper(machine: str) -> ActorHandle[Keeper]:
    """The keeper that runs on a machine, or a new one."""
    actor: Any = ray.remote(num_cpus=0, max_concurrency=_CALLS_AT_ONCE)  # type: ignore[call-overload]
    keeper: ActorHandle[Keeper] = (
        actor(Keeper)
        .options(
            name=KEEPER_PREFIX + machine,
            namespace=NAMESPACE,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_task_retries=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(machine, soft=False),
        )
        .remote(machine)
    )
    return keeper


def end_keepers() -> None:
    """Have each keeper end the hosts of its machine, and end it; for one that does not answer nobody waits long."""
    named = ray.util.list_named_actors(all_namespaces=True)
    names = [one["name"] for one in named if one["namespace"] == NAMESPACE and one["name"].startswith(KEEPER_PREFIX)]
    keepers: list[Any] = [ray.get_actor(name, namespace=NAMESPACE) for name in names]
    if keepers:
        ray.wait([keeper.bury_all.remote() for keeper in keepers], num_returns=len(keepers), timeout=_BURY_TIMEOUT_S)
    for keeper in keepers:
        ray.kill(keeper)


class KeeperLine:
    """The line to the keepers of all machines; may be used from any thread, and only `bury_others` waits."""

    def __init__(self) -> None:
        self._keepers: dict[str, ActorHandle[Keeper]] = {}
        self._found: set[str] = set()  # of these, machines whose keeper was there before

    def employ(self, machines: Iterable[str]) -> None:
        """See to it that each of these has a keeper, and nobody else: a machine that is gone does not come back."""
        there = set(machines)
        for machine in there - self._keepers.keys():
            keeper = find_keeper(machine)
            if keeper is not None:
                self._found.add(machine)
            self._keepers[machine] = keeper or start_keeper(machine)
        for machine in self._keepers.keys() - there:
            ray.kill(self._keepers.pop(machine))
            self._found.discard(machine)

    def bury_others(self, spared: Collection[str]) -> dict[str, tuple[Obituary, ...]]:
        """End all hosts but these, by what keepers know that were there before; what they say, by machine."""
        asked: dict[Any, str] = {}
        for machine in self._found:
            keeper: Any = self._keepers[machine]
            asked[keeper.bury_all.remote(tuple(spared))] = machine
        done, _away = ray.wait(list(asked), num_returns=len(asked), timeout=_BURY_TIMEOUT_S) if asked else ([], [])
        told = {}
        for answer in done:
            with contextlib.suppress(RayError):
                told[asked[answer]] = ray.get(answer, timeout=_BURY_TIMEOUT_S)
        return told

    def bury(self, machine: str, name: str, then: Callable[[Obituary], None]) -> None:
        """End a host with everything that it has started, and go on then; also when the keeper is away for long."""
        once = _Once(then)
        timer = threading.Timer(_BURY_TIMEOUT_S, once, [Obituary()])
        timer.daemon = True
        timer.start()

        def on_answer(future: Future[Obituary]) -> None:
            timer.cancel()
            once(Obituary() if future.exception() else future.result())

        keeper: Any = self._keepers.get(machine)
        if keeper is None:  # its machine is gone, and the host with it
            timer.cancel()
            once(Obituary())
            return
        keeper.bury.remote(name).future().add_done_callback(on_answer)


class _Once:
    """Calls a function the first time."""

    def __init__(self, then: Callable[[Obituary], None]) -> None:
        self._then = then
        self._lock = threading.Lock()

    def __call__(self, obituary: Obituary) -> None:
        if self._lock.acquire(blocking=False):
            self._then(obituary)
