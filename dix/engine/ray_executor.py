"""Does steps in hosts: detached actors of Ray, each with the slice of its steps, which outlive the supervisor."""

from __future__ import annotations

import pickle
import queue
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayError

from dix.engine.crew_host import name_crew_host
from dix.engine.executor import Alive, Executor, Listener
from dix.engine.host import StepHost, make_name, start_host
from dix.engine.host_pool import HostEntry, HostPool
from dix.engine.hosting import HostSize, Obituary, Ticket
from dix.engine.keeper import KeeperLine
from dix.engine.machines import Machine, Place
from dix.engine.messages import Outcome, Returned, StepKey, StepOrder, StepReport
from dix.engine.ray_machines import RayMachines
from dix.engine.survivors import Survivor, find_survivors, speak
from dix.errors import WorkerLost
from dix.logs import get_logger
from dix.records.moments import now

_TIDY_EVERY_S = 1.0

_logger = get_logger("engine")


class RayExecutor:
    """Lives in the supervisor. Each has a life of its own: what an earlier one had queued is never begun."""

    def __init__(
        self,
        listener: Listener,
        machines: RayMachines,
        kind: type[StepHost] = StepHost,
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        """`kind` is the class of the hosts; `on_death` is called when nothing is heard of them any more."""
        self._listener = listener
        self._machines = machines
        self._kind = kind
        self._on_end_of_thread = on_death
        self._life = secrets.token_hex(4)
        self._number = 0
        self._lock = threading.RLock()  # guards the pool
        self._pool = HostPool()
        self._keepers = KeeperLine()
        self._found = self.capacity()
        # What hosts and keepers answer. It is heard in a thread of Ray, which must not wait for Ray, and done in ours.
        self._answers: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="executor", daemon=True)
        self._thread.start()

    def find_alive(self) -> tuple[Alive, ...]:
        """A host that does not say in time what it does is ended, and what it did is lost."""
        survivors, silent = find_survivors(self._life)
        alive = [one for survivor in survivors for one in self._take_up(survivor)]
        names = [name for one in survivors for name, _place in _list_processes(one.name, one.status.size.place)]
        told = self._keepers.bury_others(names)
        for machine in self._found:
            alive += [each for one in told.get(machine.id, ()) for each in self._mourn(machine, one)]
        for handle in silent:
            ray.kill(handle)
        return tuple(alive)

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:
        with self._lock:
            host = self._pool.find(after) if after is not None else self._find_host(order, place)
            if host is None:  # it died, and with it the one before this
                self._listener.on_return(Returned(order.key))
                return
            self._number += 1
            ticket = Ticket(self._life, self._number)
            self._pool.give(host, order.key, ticket)
            call = host.handle.do.options(concurrency_group="steps", name=order.step.algorithm or order.step.kind)
            answer = call.remote(ticket, pickle.dumps(order), host.take_heard())
        self._listen(host, order.key, ticket, answer)

    def take_back(self, keys: Iterable[StepKey]) -> None:
        with self._lock:
            found = [(host, key) for key in keys if (host := self._pool.find(key)) is not None and key in host.line]
            for host in {id(host): host for host, _key in found}.values():
                self._refuse(host, {key: host.line[key] for one, key in found if one is host})

    def stop(self, key: StepKey) -> None:
        with self._lock:
            host = self._pool.find(key)
            if host is None or key not in host.line:
                self._pool.acknowledge(key, time.monotonic())  # nobody wants to hear what it came to
                return
            is_first, ticket = next(iter(host.line)) == key, host.line[key]
            self._pool.drop(key, time.monotonic())
            if is_first:
                self._end(host)
            else:
                self._refuse(host, {key: ticket}, ends=True)

    def acknowledge(self, key: StepKey) -> None:
        with self._lock:
            self._pool.acknowledge(key, time.monotonic())

    def capacity(self) -> tuple[Machine, ...]:
        self._found = self._machines.list()
        self._keepers.employ(machine.id for machine in self._found)
        return self._found

    def close(self) -> None:
        self.fall_silent()
        with self._lock:
            for host in self._pool:
                self._pool.remove(host)
                ray.kill(host.handle)

    def fall_silent(self) -> None:
        """Hear nothing more, as one whose process has died; the hosts go on."""
        self._answers.put(None)
        self._thread.join()

    def _find_host(self, order: StepOrder, place: Place) -> HostEntry:
        """A host that waits for a step of this size, or a new one; those that stand in its way end."""
        # A circle coordinates Ray Data, which uses the slice: the coordinator itself must not hold it as well.
        size = HostSize(place, order.step.slice, coordinates=order.step.kind == "model")
        host = self._pool.find_idle(size)
        if host is None:
            for idle in self._pool.list_in_the_way(size, self._found):
                self._end(idle)
            name = make_name()
            host = HostEntry(name, size, start_host(name, size, self._life, self._kind))
            self._pool.add(host)
        return host

    # What hosts answer.

    def _listen(self, host: HostEntry, key: StepKey, ticket: Ticket, answer: ray.ObjectRef[Any]) -> None:
        self._when_done(answer, lambda future: self._on_answer(host, key, ticket, future))

    def _when_done(self, answer: ray.ObjectRef[Any], then: Callable[[Future[Any]], None]) -> None:
        answer.future().add_done_callback(lambda future: self._answers.put(lambda: then(future)))

    def _when_buried(self, host: HostEntry, then: Callable[[Obituary], None]) -> None:
        """End what is left of a host, and of those that it has started for further workers, and go on."""
        for name, place in _list_processes(host.name, host.size.place)[1:]:
            self._keepers.bury(place.id, name, lambda _obituary: None)
        self._keepers.bury(host.size.place.id, host.name, lambda obituary: self._answers.put(lambda: then(obituary)))

    def _on_answer(self, host: HostEntry, key: StepKey, ticket: Ticket, future: Future[bytes | None]) -> None:
        try:
            answer = future.result()
        except (RayError, CancelledError) as error:
            self._on_death(host, error)
            return
        with self._lock:
            if host.is_gone or host.line.get(key) != ticket:  # it was stopped, or has returned
                return
            if answer is not None:
                host.finish(key)
            else:
                host.is_spent = True
                self._pool.drop(key, time.monotonic())
        if answer is None:
            self._listener.on_return(Returned(key))
        else:
            self._listener.on_end(pickle.loads(answer))  # noqa: S301 our own host's

    def _refuse(self, host: HostEntry, tickets: dict[StepKey, Ticket], *, ends: bool = False) -> None:
        """Have a host never begin these; if it has begun, it `ends`, or goes on."""
        answer = speak(host.handle, "refuse", tuple(tickets.values()))
        self._when_done(answer, lambda future: self._on_refused(host, tickets, future, ends=ends))

    def _on_refused(
        self, host: HostEntry, tickets: dict[StepKey, Ticket], future: Future[tuple[Ticket, ...]], *, ends: bool
    ) -> None:
        try:
            refused = set(future.result())
        except (RayError, CancelledError) as error:
            self._on_death(host, error)
            return
        with self._lock:
            if ends and not refused and not host.is_gone:
                self._end(host)
            keys = [key for key, ticket in tickets.items() if ticket in refused and host.line.get(key) == ticket]
            for key in keys:
                self._pool.drop(key, time.monotonic())
        for key in keys:
            self._listener.on_return(Returned(key))

    # Hosts end.

    def _end(self, host: HostEntry) -> None:
        """End a host with everything that it has started; what was queued there returns. The lock is held."""
        self._pool.remove(host)
        self._when_buried(host, lambda _obituary: self._on_ended(host))

    def _on_ended(self, host: HostEntry) -> None:
        ray.kill(host.handle)
        for key in host.line:
            self._listener.on_return(Returned(key))

    def _on_death(self, host: HostEntry, error: BaseException) -> None:
        """A host has died; its keeper knows what it did last."""
        with self._lock:
            if host.is_gone:
                return
            self._pool.remove(host)
        self._when_buried(host, lambda obituary: self._on_buried(host, error, obituary))

    def _on_buried(self, host: HostEntry, error: BaseException, obituary: Obituary) -> None:
        ray.kill(host.handle)  # it may be that it only does not answer
        guilty = obituary.attempt
        if guilty not in host.line:
            guilty = next(iter(host.line), None) if obituary.verdict is None else None
        for key in host.line:
            if key != guilty:
                self._listener.on_return(Returned(key, alone=True))
        if guilty is None:
            return
        outcome, text = Outcome.BROKEN, _why_lost(guilty, error)
        if obituary.verdict is not None:
            outcome, text = Outcome.FAILED, obituary.verdict
        self._listener.on_end(StepReport(guilty, outcome, now(), now(), error=text))

    def _work(self) -> None:
        has_ended = False
        try:
            self._follow_answers()
            has_ended = True
        finally:
            if not has_ended:
                _logger.error("the executor's thread has died\n%s", traceback.format_exc())
                self._on_end_of_thread()

    def _follow_answers(self) -> None:
        """Do what follows from answers, and see now and then whose time is over."""
        tidy_due = 0.0
        while True:
            try:
                follow = self._answers.get(timeout=_TIDY_EVERY_S)
            except queue.Empty:
                follow = _do_nothing
            if follow is None:
                return
            follow()
            if time.monotonic() >= tidy_due:
                tidy_due = time.monotonic() + _TIDY_EVERY_S
                self._tidy()

    def _tidy(self) -> None:
        with self._lock:
            for host in self._pool.list_cold(time.monotonic()):
                self._end(host)

    # An earlier engine's hosts.

    def _take_up(self, survivor: Survivor) -> list[Alive]:
        """Go on with what a host does and keeps."""
        status, place = survivor.status, survivor.status.size.place
        host = HostEntry(survivor.name, status.size, survivor.handle, idle_since=time.monotonic())
        host.heard.extend(survivor.stale)
        host.unheard = {report.key: ticket for ticket, report in survivor.told}
        alive = [Alive(key, place, host.name) for key in host.unheard]
        running = status.running
        if running is not None:
            host.line[running.key] = running.ticket
            alive.append(Alive(running.key, place, host.name, running.started))
        with self._lock:
            self._pool.add(host)
        for _ticket, report in survivor.told:
            self._listener.on_end(report)
        if running is not None:
            answer = host.handle.hand_over.options(concurrency_group="steps").remote(running.ticket)
            self._listen(host, running.key, running.ticket, answer)
        return alive

    def _mourn(self, machine: Machine, obituary: Obituary) -> list[Alive]:
        """A host has died while no engine was there: if its keeper has ended it, its step gets the reason."""
        key, verdict, at = obituary.attempt, obituary.verdict, obituary.at or now()
        if key is None or verdict is None:
            return []
        self._listener.on_end(StepReport(key, Outcome.FAILED, at, at, error=verdict))
        return [Alive(key, Place(machine.name, machine.id, machine.accelerator), f"grave of {key}")]


def _list_processes(host: str, place: Place) -> list[tuple[str, Place]]:
    """A host, and the hosts of the workers that it leads, with their places."""
    return [(host, place), *((name_crew_host(host, rank), one) for rank, one in enumerate(place.crew, 1))]


def _do_nothing() -> None:
    """No answer has come."""


def _why_lost(key: StepKey, error: BaseException) -> str:
    if isinstance(error, OutOfMemoryError):
        what = "its machine ran out of memory; ask for more with resources.memory"
    else:
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return str(WorkerLost(key.node, what))


def _check(executor: RayExecutor) -> Executor:
    return executor
