"""The hosts that the executor knows: what each has to do, which one is free, which ones stand in the way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from dix.engine.amounts import SMALL, list_amounts, list_capacity
from dix.engine.hosting import HostSize, Ticket
from dix.engine.machines import Machine
from dix.engine.messages import StepKey

WARM_S = 3.0  # so long a host waits for another step of its size; others, as endpoints, want its slots as well


@dataclass(slots=True, eq=False)
class HostEntry:
    """One host, as far as it is known here; `handle` is Ray's.

    `line` has what it has been given and nothing has come of yet, in order; `unheard` what is over and not on disk yet;
    `heard` what is on disk and it has not been told so.
    """

    name: str
    size: HostSize
    handle: Any
    line: dict[StepKey, Ticket] = field(default_factory=dict)
    unheard: dict[StepKey, Ticket] = field(default_factory=dict)
    heard: list[Ticket] = field(default_factory=list)
    idle_since: float = 0.0
    is_spent: bool = False  # it does no more steps
    is_gone: bool = False

    def is_idle(self) -> bool:
        """Whether it has nothing to do, and nothing that is not on disk."""
        return not self.line and not self.unheard

    def finish(self, key: StepKey) -> None:
        """A report has come."""
        self.unheard[key] = self.line.pop(key)

    def take_heard(self) -> tuple[Ticket, ...]:
        """What to tell it with its next order."""
        taken, self.heard = tuple(self.heard), []
        return taken


class HostPool:
    """Not guarded: the executor holds its lock. Moments are monotonic seconds."""

    def __init__(self) -> None:
        self._hosts: dict[str, HostEntry] = {}
        self._of: dict[StepKey, HostEntry] = {}  # of attempts in a line, or over and not on disk

    def add(self, host: HostEntry) -> None:
        """There is one more."""
        self._hosts[host.name] = host
        for key in (*host.line, *host.unheard):
            self._of[key] = host

    def remove(self, host: HostEntry) -> None:
        """It is gone, and with it all that it had."""
        host.is_gone = True
        self._hosts.pop(host.name, None)
        for key in [key for key, found in self._of.items() if found is host]:
            del self._of[key]

    def find(self, key: StepKey) -> HostEntry | None:
        """The host that has an attempt."""
        return self._of.get(key)

    def find_idle(self, size: HostSize) -> HostEntry | None:
        """One that waits for a step of just this size; the one that has waited least, so that the others may end."""
        idle = [host for host in self._hosts.values() if host.size == size and host.is_idle() and not host.is_spent]
        return max(idle, key=lambda host: host.idle_since, default=None)

    def give(self, host: HostEntry, key: StepKey, ticket: Ticket) -> None:
        """An attempt is in its line."""
        host.line[key] = ticket
        self._of[key] = host

    def drop(self, key: StepKey, clock: float) -> None:
        """An attempt is none of the host's any more."""
        host = self._of.pop(key, None)
        if host is not None:
            host.line.pop(key, None)
            host.unheard.pop(key, None)
            host.idle_since = clock

    def acknowledge(self, key: StepKey, clock: float) -> None:
        """What an attempt came to is on disk."""
        host = self._of.get(key)
        if host is not None and key in host.unheard:
            host.heard.append(host.unheard[key])
            self.drop(key, clock)

    def list_in_the_way(self, size: HostSize, machines: Iterable[Machine]) -> list[HostEntry]:
        """Idle hosts to end, so that a new one of this size finds its slots free; longest idle first.

        What coordinates uses slots wherever Ray finds them: nobody idle may hold any.
        """
        idle = sorted((host for host in self if host.is_idle()), key=lambda host: host.idle_since)
        if size.coordinates:
            return idle
        ended: list[HostEntry] = []
        for machine in machines:
            if machine.id not in size.place.count_workers():
                continue
            here = [host for host in self if machine.id in host.size.place.count_workers()]
            for host in (host for host in idle if host in here and host not in ended):
                if _fit([*(one.size for one in here if one not in ended), size], machine):
                    break
                ended.append(host)
        return ended

    def list_cold(self, clock: float) -> list[HostEntry]:
        """Those that have waited long enough, or do no more steps."""
        return [host for host in self if host.is_idle() and (host.is_spent or clock - host.idle_since >= WARM_S)]

    def __iter__(self) -> Iterator[HostEntry]:
        return iter(tuple(self._hosts.values()))


def _fit(sizes: Iterable[HostSize], machine: Machine) -> bool:
    has, used = list_capacity(machine), dict[str, float]()
    for size in sizes:
        workers = size.place.count_workers().get(machine.id, 0)
        for name, amount in list_amounts(replace(size.slice, workers=workers)).items():
            used[name] = used.get(name, 0.0) + amount
    return all(amount <= has.get(name, 0.0) + SMALL for name, amount in used.items())
