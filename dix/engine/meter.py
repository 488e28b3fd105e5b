"""The meter of one run: its attempts, as they are going to be written down. Pure: no Ray, no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dix.engine.machines import Place
from dix.engine.messages import StepKey, StepReport
from dix.engine.plan import Plan, Slice
from dix.records.attempt import Allocated, Attempt, AttemptOutcome, Used
from dix.records.run import Run


class Meter:
    """Hears when attempts begin and end; what `take` gives goes with the next move of its step, in one transaction.

    An attempt begins with the first sign of its worker and ends with its report. So what is metered is the time in
    which it ran, not the time in which its worker was being started.
    """

    def __init__(self, run: Run, plan: Plan, under_way: Iterable[Attempt] = (), alive: datetime | None = None) -> None:
        """`under_way` are the attempts that have begun on disk, `alive` is the last sign of life there."""
        self._run = run
        self._slices = {step.node: step.slice for step in plan.steps}
        self._open = {one.node: one for one in under_way}
        self._places: dict[str, Place] = {}  # of the latest attempt of each step
        self._due: dict[str, Attempt] = {}  # until the next move of the step
        self._alive = alive

    def place(self, key: StepKey, place: Place) -> None:
        """An attempt has its slots on a machine."""
        self._places[key.node] = place

    def begin(self, key: StepKey, started: datetime) -> None:
        """A worker works on an attempt; one that is known to be under way has begun before."""
        known = self._open.get(key.node)
        if known is None or known.attempt != key.attempt:
            self._open[key.node] = self._due[key.node] = self._make(key, started)

    def end(self, report: StepReport) -> None:
        """An attempt is over."""
        attempt = self._open.pop(report.key.node, None) or self._make(report.key, report.started)
        self._due[report.key.node] = replace(
            attempt,
            ended=max(attempt.started, report.ended),
            outcome=AttemptOutcome(report.outcome.value),
            error=report.error,
            used=report.used or Used(),
        )

    def fail(self, node: str) -> None:
        """The attempt that has just ended was the last look for a path: the step fails with it."""
        if node in self._due:
            self._due[node] = replace(self._due[node], outcome=AttemptOutcome.FAILED)

    def cancel(self, key: StepKey, at: datetime) -> None:
        """An attempt is ended from outside; one that nobody has worked on yet is none."""
        attempt = self._open.pop(key.node, None)
        if attempt is not None:
            self._due[key.node] = end_lost(attempt, at, AttemptOutcome.CANCELLED)

    def find_last_time(self, node: str) -> tuple[datetime, datetime] | None:
        """When the attempt that was lost with everything else began, and when it was last known to go on."""
        attempt = self._open.get(node)
        if attempt is None:
            return None
        return attempt.started, max(attempt.started, self._alive or attempt.started)

    def take(self, node: str) -> Attempt | None:
        """What the next move of a step carries, and it is gone from here."""
        return self._due.pop(node, None)

    def is_running(self) -> bool:
        """Whether an attempt is under way."""
        return bool(self._open)

    def _make(self, key: StepKey, started: datetime) -> Attempt:
        run = self._run
        place = self._places.get(key.node)
        return Attempt(
            key.run,
            key.node,
            key.attempt,
            run.project,
            run.user,
            run.flow,
            started=started,
            machine=place.machines if place else None,
            allocated=allocate(self._slices[key.node], place.accelerator if place else None),
        )


def end_lost(attempt: Attempt, at: datetime | None, outcome: AttemptOutcome, error: str | None = None) -> Attempt:
    """The attempt with its end; one that was lost ends with the last sign of life, and never before it began."""
    return replace(attempt, ended=max(attempt.started, at or attempt.started), outcome=outcome, error=error)


def allocate(slice: Slice, accelerator: str | None) -> Allocated:
    """What all workers of a step hold together."""
    count = slice.workers
    disk = None if slice.disk_bytes is None else slice.disk_bytes * count
    gpu_type = accelerator if slice.gpu else None
    return Allocated(slice.cpu * count, slice.gpu * count, gpu_type, slice.memory_bytes * count, disk)
