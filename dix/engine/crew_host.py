"""The host of one of several workers: an actor with a slice of its own, which the first worker starts and ends.

It lives no longer than the one that has started it; the keeper of its machine watches it as any other host.
"""

from __future__ import annotations

import os
import pickle
import random
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil
import ray
from ray.actor import ActorHandle
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.engine.badge import BadgeHolder, machine_folder, make_badge
from dix.engine.machines import Place
from dix.engine.messages import Beat, StepOrder
from dix.engine.plan import Slice
from dix.engine.process_tree import adopt_orphans, end_children
from dix.engine.team import Mate
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step
from dix.errors import PlatformError
from dix.frameworks.worker_group import WorkerGroup
from dix.records.log_line import LogLine
from dix.settings import read_visible_cards

# Below the ports that Linux gives out by chance, above those that the front takes.
_PORTS = range(32_000, 32_700)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the others have to know of a worker: its address with a port that is free, its interface and its cards."""

    address: str
    port: int
    interface: str
    cards: tuple[str, ...]


class CrewHost:
    """`work` is called once, the others beside it."""

    def __init__(self, name: str, place: Place, wanted: Slice) -> None:
        adopt_orphans()
        folder = machine_folder(place.id) / name
        self._badge = BadgeHolder(folder, make_badge(name, wanted.memory_bytes, wanted.disk_bytes))
        self._bench = Workbench(folder)
        self._lock = threading.Lock()  # guards what follows
        self._lines: list[LogLine] = []
        self._first = 0  # so many lines have been read and dropped

    def introduce(self) -> Introduction:
        """Answers once it is there."""
        return introduce()

    def ping(self) -> None:
        """Answers while it lives."""

    def work(self, order: bytes, group: WorkerGroup) -> bytes:
        """Do this worker's part of a step; its pickled report."""
        asked: StepOrder = pickle.loads(order)  # noqa: S301 the first worker's
        self._badge.show(asked.key)
        report = do_step(asked, _tell_nobody, self._bench, team=Mate(group, self._keep))
        end_children()
        self._badge.show(None)
        return pickle.dumps(report)

    def read_lines(self, start: int) -> Sequence[LogLine]:
        """What was printed, from that line on; those before it have been read."""
        with self._lock:
            del self._lines[: start - self._first]
            self._first = start
            return tuple(self._lines)

    def _keep(self, _kept: int, lines: Sequence[LogLine]) -> None:
        with self._lock:
            self._lines += lines


def start_crew_host(name: str, place: Place, wanted: Slice) -> ActorHandle[CrewHost]:
    """Order one on its machine; it takes its slots from Ray as soon as they are free there."""
    actor: Any = ray.remote(concurrency_groups={"steps": 1, "words": 2})  # type: ignore[call-overload]
    handle: ActorHandle[CrewHost] = (
        actor(CrewHost)
        .options(
            max_restarts=0,
            num_cpus=wanted.cpu,
            num_gpus=wanted.gpu,
            memory=wanted.memory_bytes,
            resources=dict(wanted.custom) or None,
            scheduling_strategy=NodeAffinitySchedulingStrategy(place.id, soft=False),
        )
        .remote(name, place, wanted)
    )
    return handle


def name_crew_host(leader: str, rank: int) -> str:
    """What the host of a worker is called whose first worker is in the host `leader`."""
    return f"{leader}-{rank}"


def introduce() -> Introduction:
    """This very process."""
    address: str = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
    return Introduction(address, find_port(), find_interface(address), read_visible_cards())


def find_port() -> int:
    """A port that nobody listens to now, and that the system gives to nobody by chance."""
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as tried:
            try:
                tried.bind(("", port))
            except OSError:
                continue
            return port
    raise PlatformError(f"no port from {_PORTS[0]} to {_PORTS[-1]} is free on {os.uname().nodename}")


def find_interface(address: str) -> str:
    """The network interface with this address; `lo` where none is known to have it."""
    found = (name for name, ones in psutil.net_if_addrs().items() if any(one.address == address for one in ones))
    return next(found, "lo")


def _tell_nobody(_beat: Beat) -> None:
    """The first worker speaks for all."""
