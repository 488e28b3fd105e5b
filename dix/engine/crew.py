"""The workers of one step, as the first of them has them: all begin together, and all end when one fails.

The first one works in the step's own host. It starts a host for each of the others, on the machines on which the step
has its slots, tells all of them who they are, and listens to them in a thread while it works itself.
"""

from __future__ import annotations

import contextlib
import pickle
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from dix.engine.crew_host import CrewHost, Introduction, introduce, name_crew_host, start_crew_host
from dix.engine.hosting import Obituary
from dix.engine.keeper import find_keeper
from dix.engine.machines import Place
from dix.engine.messages import Outcome, StepOrder, StepReport
from dix.engine.pulse import KeepLines
from dix.engine.team import AddLines, Team, make_label
from dix.errors import DixError, PlatformError, StepFailed, WorkerLost
from dix.frameworks.worker_group import WorkerGroup
from dix.records.attempt import Used

_MUSTER_TIMEOUT_S = 120.0
_LISTEN_EVERY_S = 0.5
_ANSWER_TIMEOUT_S = 5.0
# When one has failed, the others soon do because it is gone: who was first is seen when all of them have spoken.
_GRACE_S = 2.0
_DECIDE_TIMEOUT_S = 60.0


@dataclass(slots=True)
class _Mate:
    """Another worker; `report` and `failure` are set when it is over."""

    rank: int
    place: Place
    name: str
    host: ActorHandle[CrewHost]
    answer: Any = None
    heard: int = 0  # of the lines that it has printed
    report: StepReport | None = None
    failure: Failure | None = None

    @property
    def is_over(self) -> bool:
        return self.report is not None or self.failure is not None


@dataclass(frozen=True, slots=True)
class Failure:
    """What a worker has failed with, and when; with `is_cause` its process is gone, for which it needs no other one."""

    error: DixError
    at: float
    is_cause: bool = False


@dataclass(slots=True)
class Crew:
    """Made for one attempt; `leader` is the name of the host in which the first worker is."""

    leader: str
    place: Place
    label: str = make_label(0)
    keep: KeepLines | None = None
    _mates: list[_Mate] = field(default_factory=list)
    _node: str = ""
    _own: Failure | None = None
    _culprit: DixError | None = None  # set when it is decided who has failed
    _has_news: threading.Event = field(default_factory=threading.Event)  # set when all are over, or it is decided
    _is_dismissed: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def join(self, order: StepOrder, add_lines: AddLines) -> Iterator[WorkerGroup]:
        thread = threading.Thread(target=self._listen, args=(add_lines,), name="crew", daemon=True)
        try:
            group = self._muster(order)
            thread.start()
            try:
                yield replace(group, check=self._check)
            except StepFailed as error:
                self._own = Failure(self._name_worker(error), error.fact("at") or time.time())
                self._has_news.wait(_DECIDE_TIMEOUT_S)
                raise (self._culprit or self._own.error) from error
            self._has_news.wait()
            self._check()
            if not all(mate.is_over for mate in self._mates):
                raise PlatformError(f"nothing is heard of the other workers of {self._node} any more")
        finally:
            self._is_dismissed.set()
            if thread.ident is not None:
                thread.join()
            self._dismiss(add_lines)

    def sum_up(self, own: Used) -> Used:
        known = [mate.report.used for mate in self._mates if mate.report is not None and mate.report.used is not None]
        every = [own, *known]
        cards = [used.gpu_utilisation for used in every if used.gpu_utilisation is not None]
        return Used(
            cpu_s=sum(used.cpu_s or 0.0 for used in every),
            peak_memory_bytes=max((used.peak_memory_bytes or 0 for used in every), default=0) or None,
            gpu_utilisation=sum(cards) / len(cards) if cards else None,
        )

    # All begin together.

    def _muster(self, order: StepOrder) -> WorkerGroup:
        """Have all of them there, then let all begin; the group of the first one."""
        self._node, one = order.key.node, replace(order.step.slice, workers=1)
        for rank, place in enumerate(self.place.crew, 1):
            name = name_crew_host(self.leader, rank)
            self._mates.append(_Mate(rank, place, name, start_crew_host(name, place, one)))
        groups = make_groups(order, (self.place, *self.place.crew), [introduce(), *self._meet()])
        asked = pickle.dumps(replace(order, candidates=(), fingerprint=None))
        for mate in self._mates:
            mate.answer = mate.host.work.options(concurrency_group="steps").remote(asked, groups[mate.rank])
        return groups[0]

    def _meet(self) -> list[Introduction]:
        try:
            met: list[Introduction] = ray.get(
                [_ask(mate, "introduce") for mate in self._mates], timeout=_MUSTER_TIMEOUT_S
            )
        except RayError as error:
            where = self.place.machines
            raise WorkerLost(self._node, f"not all workers could be started on {where}: {_tell(error)}") from error
        return met

    # All end when one fails.

    def _check(self) -> None:
        if self._culprit is not None:
            raise self._culprit

    def _listen(self, add_lines: AddLines) -> None:
        try:
            self._listen_on(add_lines)
        finally:
            self._has_news.set()

    def _listen_on(self, add_lines: AddLines) -> None:
        failed_at: float | None = None
        while not self._is_dismissed.is_set():
            answers = {mate.answer: mate for mate in self._mates if not mate.is_over}
            if not answers and self._own is None and not any(mate.failure for mate in self._mates):
                break
            self._hear(answers)
            self._fetch_lines(add_lines)
            if failed_at is None and (self._own or any(mate.failure for mate in self._mates)):
                failed_at = time.monotonic()
            all_over = all(mate.is_over for mate in self._mates) and self._own is not None
            if failed_at is not None and (all_over or time.monotonic() - failed_at >= _GRACE_S):
                self._culprit = self._find_culprit()
                break

    def _hear(self, answers: dict[Any, _Mate]) -> None:
        if not answers:
            self._is_dismissed.wait(_LISTEN_EVERY_S)
            return
        done, _others = ray.wait(list(answers), num_returns=1, timeout=_LISTEN_EVERY_S)
        for answer in done:
            mate = answers[answer]
            try:
                report: StepReport = pickle.loads(ray.get(answer, timeout=_ANSWER_TIMEOUT_S))  # noqa: S301 our own
            except RayError as error:
                mate.failure = self._bury(mate, error)
            else:
                mate.report = report
                mate.failure = self._judge(mate, report)

    def _judge(self, mate: _Mate, report: StepReport) -> Failure | None:
        if report.outcome is Outcome.SUCCEEDED:
            return None
        text = f"{self._tell_who(mate.rank)}: {report.error}"
        at = report.failed_at or report.ended.timestamp()
        if report.outcome is Outcome.BROKEN:
            return Failure(PlatformError(text), at)
        return Failure(StepFailed(self._node, text, report.trace or ""), at)

    def _find_culprit(self) -> DixError:
        """Whoever is gone, else who failed first."""
        silent = [mate for mate in self._mates if not mate.is_over]
        for mate, word in [(mate, _ask(mate, "ping")) for mate in silent]:
            try:
                ray.get(word, timeout=_ANSWER_TIMEOUT_S)
            except RayError as error:  # a timeout is one of them
                mate.failure = self._bury(mate, error)
        failures = [one for one in (self._own, *(mate.failure for mate in self._mates)) if one is not None]
        return min(failures, key=lambda one: (not one.is_cause, one.at)).error

    def _bury(self, mate: _Mate, error: RayError) -> Failure:
        """A worker's process is gone: its keeper knows whether it has ended it."""
        obituary = _bury(mate, _ANSWER_TIMEOUT_S)
        who = self._tell_who(mate.rank)
        if obituary.verdict is not None:
            return Failure(StepFailed(self._node, f"{who}: {obituary.verdict}"), time.time(), is_cause=True)
        return Failure(PlatformError(f"{who} is gone: {_tell(error)}"), time.time(), is_cause=True)

    def _name_worker(self, error: StepFailed) -> StepFailed:
        return StepFailed(self._node, f"{self._tell_who(0)}: {error.fact('message')}", error.fact("trace") or "")

    def _tell_who(self, rank: int) -> str:
        places = (self.place, *self.place.crew)
        return f"worker {rank} of {len(places)} on {places[rank].machine}"

    def _fetch_lines(self, add_lines: AddLines) -> None:
        asked = {_ask(mate, "read_lines", mate.heard): mate for mate in self._mates}
        done, _late = ray.wait(list(asked), num_returns=len(asked), timeout=_ANSWER_TIMEOUT_S)
        for answer in done:
            with contextlib.suppress(RayError):  # it is gone, with what it had not told
                lines = ray.get(answer, timeout=_ANSWER_TIMEOUT_S)
                asked[answer].heard += len(lines)
                add_lines(lines)

    def _dismiss(self, add_lines: AddLines) -> None:
        """End all the others, with what they have started."""
        if any(mate.answer is not None for mate in self._mates):
            self._fetch_lines(add_lines)
        for mate in self._mates:
            _bury(mate, _ANSWER_TIMEOUT_S)
            ray.kill(mate.host)


def make_groups(
    order: StepOrder, places: tuple[Place, ...], introductions: list[Introduction]
) -> tuple[WorkerGroup, ...]:
    """Who each worker is, by rank."""
    machines = list(dict.fromkeys(place.id for place in places))
    there = {name: [rank for rank, place in enumerate(places) if place.id == name] for name in machines}
    return tuple(
        WorkerGroup(
            rank=rank,
            world_size=len(places),
            local_rank=there[place.id].index(rank),
            local_world_size=len(there[place.id]),
            machine_rank=machines.index(place.id),
            machine_count=len(machines),
            addresses=tuple(f"{one.address}:{one.port}" for one in introductions),
            interface=introductions[rank].interface,
            job=f"{order.key.run}-{order.key.node}-{order.key.attempt}",
            restarts=order.key.attempt - 1,
            cards=tuple(dict.fromkeys(card for each in there[place.id] for card in introductions[each].cards)),
        )
        for rank, place in enumerate(places)
    )


def _ask(mate: _Mate, method: str, *values: Any) -> Any:
    return getattr(mate.host, method).options(concurrency_group="words").remote(*values)


def _bury(mate: _Mate, timeout_s: float) -> Obituary:
    """End a worker's host with everything that it has started, and say what was known of it."""
    keeper: Any = find_keeper(mate.place.id)
    if keeper is None:  # its machine is gone, and the host with it
        return Obituary()
    try:
        obituary: Obituary = ray.get(keeper.bury.remote(mate.name), timeout=timeout_s)
    except RayError:
        return Obituary()
    return obituary


def _tell(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _check_team(crew: Crew) -> Team:
    return crew
