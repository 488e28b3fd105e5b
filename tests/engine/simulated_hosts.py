"""Hosts as they are in production, but in a plain simulation: they outlive engines, and things happen by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from dix.engine.amounts import list_amounts, list_capacity
from dix.engine.executor import Alive, Executor, Listener
from dix.engine.hosting import list_newest
from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, Outcome, Returned, StepKey, StepOrder, StepReport
from dix.engine.plan import Slice
from dix.records.moments import now


@dataclass(eq=False)
class Item:
    """An order in a line; `heard` are the ones before it of which the host is told with it that they are on disk."""

    order: StepOrder
    life: int
    heard: tuple[Item, ...] = ()

    @property
    def key(self) -> StepKey:
        return self.order.key


@dataclass(eq=False)
class Host:
    name: str
    place: Place
    slice: Slice
    line: list[Item] = field(default_factory=list)
    running: Item | None = None
    since: datetime = field(default_factory=now)  # of what runs
    reports: dict[Item, StepReport] = field(default_factory=dict)  # until the next order tells that they are on disk
    unheard: set[Item] = field(default_factory=set)  # the engine of now has not acknowledged them
    is_gone: bool = False

    def is_idle(self) -> bool:
        return not self.line and self.running is None and not self.unheard


class Cluster:
    """All hosts and what is under way to them; `life` is the engine that is heard now."""

    def __init__(self, chance: random.Random, machines: tuple[Machine, ...]) -> None:
        self.chance = chance
        self.machines = machines
        self.hosts: list[Host] = []
        self.life = 0
        self.listener: Listener | None = None
        self.under_way: list[tuple[int, Callable[[], None]]] = []
        self.fates: dict[str, list[Outcome]] = {}  # by node: what its next attempts come to; succeeded when empty
        self.check_more: Callable[[list[StepKey]], None] = lambda running: None

    def step(self) -> None:
        """One thing happens: somebody begins, ends, tells, dies, or hears."""
        deeds: list[Callable[[], None]] = []
        for host in self.hosts:
            if host.running is not None:
                deeds += [lambda host=host: self._finish(host), lambda host=host: self._beat(host)]
            elif host.line:
                deeds.append(lambda host=host: self._begin(host))
            if self.chance.random() < 0.02:
                deeds.append(lambda host=host: self.kill(host))
        if self.under_way:
            deeds.append(self._deliver)
        if deeds:
            self.chance.choice(deeds)()
        self.check()

    def check(self) -> None:
        """No machine is overbooked, and nobody does what somebody else does."""
        busy = [host for host in self.hosts if host.running is not None]
        keys = [(host.running.key.run, host.running.key.node) for host in busy if host.running]
        assert len(keys) == len(set(keys)), keys
        for machine in self.machines:
            has = list_capacity(machine)
            used: dict[str, float] = {}
            for host in busy:
                if host.place.id == machine.id:
                    for name, amount in list_amounts(host.slice).items():
                        used[name] = used.get(name, 0.0) + amount
            assert all(amount <= has[name] + 1e-6 for name, amount in used.items()), (machine.name, used)
        self.check_more([host.running.key for host in busy if host.running])

    def tell(self, life: int, word: Callable[[Listener], None]) -> None:
        """It arrives some time later, if that engine still lives."""

        def deliver() -> None:
            assert self.listener
            word(self.listener)

        self.under_way.append((life, deliver))

    def kill(self, host: Host) -> None:
        """A host dies; what was in its line returns, and what it did is lost."""
        self.remove(host)
        running, line = host.running, [item for item in host.line if item.life == self.life]
        for item in line:
            self.tell(item.life, lambda listener, key=item.key: listener.on_return(Returned(key, alone=True)))
        if running is not None:
            report = StepReport(running.key, Outcome.BROKEN, now(), now(), error="its host died")
            self.tell(self.life, lambda listener: listener.on_end(report))

    def remove(self, host: Host) -> None:
        host.is_gone = True
        self.hosts.remove(host)

    def _begin(self, host: Host) -> None:
        item = host.line.pop(0)
        for one in item.heard:
            host.reports.pop(one, None)
        if item.life == self.life:  # what an earlier life had queued is not begun
            host.running, host.since = item, now()

    def _beat(self, host: Host) -> None:
        assert host.running
        beat = Beat(host.running.key, host.since)
        self.tell(self.life, lambda listener: listener.on_beat(beat))

    def _finish(self, host: Host) -> None:
        assert host.running
        item, host.running = host.running, None
        key = item.key
        fates = self.fates.get(key.node, [])
        outcome = fates.pop(0) if fates else Outcome.SUCCEEDED
        error = None if outcome is Outcome.SUCCEEDED else "no"
        outputs = {"data": f"file:///{key}"} if outcome is Outcome.SUCCEEDED else {}
        report = host.reports[item] = StepReport(key, outcome, host.since, now(), outputs=outputs, error=error)
        host.unheard.add(item)
        self.tell(self.life, lambda listener: listener.on_end(report))

    def _deliver(self) -> None:
        life, word = self.under_way.pop(0)
        if life == self.life:
            word()


class SimulatedExecutor:
    """One life of an engine over the cluster."""

    def __init__(self, listener: Listener, cluster: Cluster) -> None:
        cluster.life += 1
        cluster.listener = listener
        self._life = cluster.life
        self._cluster = cluster

    def find_alive(self) -> tuple[Alive, ...]:
        hosts = self._cluster.hosts
        running = {host.running.key for host in hosts if host.running is not None}
        newest = list_newest((report for host in hosts for report in host.reports.values()), running)
        alive = []
        for host in hosts:
            host.unheard = {item for item, report in host.reports.items() if any(one is report for one in newest)}
            for report in (host.reports[item] for item in host.unheard):
                alive.append(Alive(report.key, host.place, host.name))
                self._cluster.tell(self._life, lambda listener, report=report: listener.on_end(report))
            if host.running is not None:
                alive.append(Alive(host.running.key, host.place, host.name, host.since))
        return tuple(alive)

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:
        host = self._find(after) if after is not None else self._find_idle(place, order.step.slice)
        if host is None:
            self._cluster.tell(self._life, lambda listener: listener.on_return(Returned(order.key)))
            return
        host.line.append(Item(order, self._life, tuple(set(host.reports) - host.unheard)))

    def take_back(self, keys: Iterable[StepKey]) -> None:
        for key in keys:
            for host in self._cluster.hosts:
                for item in [item for item in host.line if item.key == key]:
                    host.line.remove(item)
                    self._cluster.tell(self._life, lambda listener, key=key: listener.on_return(Returned(key)))

    def stop(self, key: StepKey) -> None:
        for host in list(self._cluster.hosts):
            host.line = [item for item in host.line if item.key != key]
            if host.running is not None and host.running.key == key:
                host.running = None
                self._cluster.kill(host)

    def acknowledge(self, key: StepKey) -> None:
        for host in self._cluster.hosts:
            host.unheard = {item for item in host.unheard if item.key != key}

    def capacity(self) -> tuple[Machine, ...]:
        return self._cluster.machines

    def close(self) -> None: ...

    def _find(self, key: StepKey) -> Host | None:
        for host in self._cluster.hosts:
            known = {item.key for item in host.line if item.life == self._life} | {item.key for item in host.unheard}
            if key in known or (host.running is not None and host.running.key == key):
                return host
        return None

    def _find_idle(self, place: Place, slice: Slice) -> Host:
        for host in self._cluster.hosts:
            if host.is_idle() and (host.place, host.slice) == (place, slice):
                return host
        self._cluster.hosts.append(
            Host(f"host-{len(self._cluster.hosts)}-{self._cluster.chance.random()}", place, slice)
        )
        return self._cluster.hosts[-1]


def _check(executor: SimulatedExecutor) -> Executor:
    return executor
