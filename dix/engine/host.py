"""A step host: a detached actor that does one step at a time in a process of its own, and outlives the supervisor.

It keeps what a step came to until the supervisor has written it down, and can say what it does and keeps. A new
supervisor begins a new life: what an earlier one had queued here and has not begun is never begun.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

import ray
from ray.actor import ActorHandle
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.engine.badge import BadgeHolder, machine_folder, make_badge
from dix.engine.crew import Crew
from dix.engine.hosting import HostSize, HostStatus, Running, Ticket
from dix.engine.messages import Beat, StepKey, StepOrder
from dix.engine.process_tree import adopt_orphans, end_children, measure_rss
from dix.engine.team import Alone, Team
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step
from dix.records.moments import now

SUPERVISOR_NAME: Final = "supervisor"
NAMESPACE: Final = "dix"
HOST_PREFIX: Final = "host-"
_GROWN: Final = 0.5  # of what its steps may use besides what a bare process takes


class StepHost:
    """`do` and `hand_over` are called one at a time, the others beside them."""

    def __init__(
        self,
        name: str,
        size: HostSize,
        life: str,
        tell: Callable[[Beat], None] | None = None,
        *,
        owns_process: bool = True,
    ) -> None:
        """One that does not own its process, as in tests, catches no prints there and ends no children."""
        self._name = name
        self._size = size
        self._life = life
        self._tell = tell or _Teller()
        self._owns_process = owns_process
        if owns_process:
            adopt_orphans()
        folder = machine_folder(size.place.id) / name
        self._badge = BadgeHolder(folder, make_badge(name, size.slice.memory_bytes, size.slice.disk_bytes))
        self._bench = Workbench(folder)
        self._lock = threading.Lock()  # guards what follows
        self._refused: set[Ticket] = set()
        self._running: Running | None = None
        self._reports: dict[Ticket, bytes] = {}
        self._has_grown = False
        bare = measure_rss(os.getpid())
        self._much = bare + _GROWN * max(size.slice.memory_bytes - bare, bare)

    def do(self, ticket: Ticket, order: bytes, heard: Iterable[Ticket] = ()) -> bytes | None:
        """Do a step; its pickled report, or None when it was not begun. `heard` are reports that are on disk.

        What earlier steps have left in memory would be held against the next one: a host that has grown does no more.
        """
        asked: StepOrder = pickle.loads(order)  # noqa: S301 the supervisor's
        if not self._begin(ticket, asked.key, heard):
            return None
        self._badge.show(asked.key)
        team: Team = Crew(self._name, self._size.place) if self._size.slice.workers > 1 else Alone()
        done = do_step(asked, self._tell, self._bench, captures=self._owns_process, team=team)
        report = pickle.dumps(done)
        if self._owns_process:
            end_children()
        self._badge.show(None)
        with self._lock:
            self._running = None
            self._reports[ticket] = report
            self._has_grown = self._owns_process and measure_rss(os.getpid()) > self._much
        return report

    def hand_over(self, ticket: Ticket) -> bytes | None:
        """The report of a step that ran when the supervisor was gone; comes when it is over."""
        with self._lock:
            return self._reports.get(ticket)

    def refuse(self, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
        """Those of the queued orders that have not been begun, and never will be."""
        with self._lock:
            begun = {self._running.ticket} if self._running else set()
            fresh = tuple(ticket for ticket in tickets if ticket not in begun | self._reports.keys())
            self._refused.update(fresh)
            return fresh

    def report_status(self, life: str) -> HostStatus:
        """What a new supervisor has to know; its life begins here."""
        self._bench.pacemaker.remind()
        with self._lock:
            self._life = life
            self._refused.clear()
            return HostStatus(self._size, self._running, tuple(self._reports.items()))

    def _begin(self, ticket: Ticket, key: StepKey, heard: Iterable[Ticket]) -> bool:
        with self._lock:
            for one in heard:
                self._reports.pop(one, None)
            if ticket.life != self._life or ticket in self._refused or self._has_grown:
                self._refused.discard(ticket)
                return False
            self._running = Running(ticket, key, now())
            return True


def start_host(name: str, size: HostSize, life: str, kind: type[StepHost] = StepHost) -> ActorHandle[StepHost]:
    """Order a new host on its machine; it takes its slots from Ray as soon as they are free there."""
    wanted = size.slice
    actor: Any = ray.remote(concurrency_groups={"steps": 1, "words": 2})  # type: ignore[call-overload]
    handle: ActorHandle[StepHost] = (
        actor(kind)
        .options(
            name=name,
            namespace=NAMESPACE,
            lifetime="detached",
            max_restarts=0,
            num_cpus=0 if size.coordinates else wanted.cpu,
            num_gpus=0 if size.coordinates else wanted.gpu,
            memory=wanted.memory_bytes,
            resources=dict(wanted.custom) or None,
            scheduling_strategy=NodeAffinitySchedulingStrategy(size.place.id, soft=False),
        )
        .remote(name, size, life)
    )
    return handle


def make_name() -> str:
    """A name for a host that no other one has had."""
    return HOST_PREFIX + secrets.token_hex(6)


def list_hosts() -> list[str]:
    """The names of all hosts that there are, whoever started them."""
    named = ray.util.list_named_actors(all_namespaces=True)
    return [one["name"] for one in named if one["namespace"] == NAMESPACE and one["name"].startswith(HOST_PREFIX)]


def find_host(name: str) -> ActorHandle[StepHost] | None:
    """A host by its name; None when it is gone."""
    try:
        return ray.get_actor(name, namespace=NAMESPACE)
    except ValueError:
        return None


def end_hosts() -> None:
    """End all of them; what their steps have started is for the keepers to end, before."""
    for name in list_hosts():
        handle = find_host(name)
        if handle is not None:
            ray.kill(handle)


class _Teller:
    """Tells the supervisor of a step, from where the step works; finds it at the first beat."""

    def __init__(self) -> None:
        self._supervisor: Any = None

    def __call__(self, beat: Beat) -> None:
        with contextlib.suppress(ValueError):  # it is gone for good, and the step soon will be
            self._supervisor = self._supervisor or ray.get_actor(SUPERVISOR_NAME, namespace=NAMESPACE)
            self._supervisor.hear_beat.remote(beat)
