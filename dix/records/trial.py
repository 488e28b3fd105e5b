"""A trial: one parameter set of a sweep, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TrialState(StrEnum):
    """Where a trial stands. Each is written by the sweeper, but for what says otherwise."""

    HELD = "held"  # it waits; also written by who makes it
    RUNNING = "running"  # never written: a run of a trial that is held has begun
    PAUSED = "paused"  # its run has been ended, and may be gone on with
    SUCCEEDED = "succeeded"  # its runs succeeded, with a number for every objective
    UNMEASURED = "unmeasured"  # its runs succeeded, without a number for an objective: it is never the best
    STOPPED = "stopped"  # it was not worth going on
    FAILED = "failed"  # a run failed, as often as it was tried
    SKIPPED = "skipped"  # written by who let it be left out
    CANCELLED = "cancelled"  # the sweep was stopped, or a run was cancelled


OPEN = frozenset({TrialState.HELD, TrialState.RUNNING, TrialState.PAUSED})
# What has a number that may be compared; a trial that was stopped has that of where it stood.
MEASURED = frozenset({TrialState.SUCCEEDED, TrialState.STOPPED})


@dataclass(frozen=True, slots=True)
class TrialRun:
    """One run of a trial: which of its replicates, from 0, and the how manieth run of that, from 0."""

    run: str
    replicate: int = 0
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """`params` are those that the sweep varies. `values` has the number of each objective, the mean of its replicates.

    Trials that are held run in the order of `place`. `runs` are all of its runs, in the order in which they were made.
    `retries` counts those that failed. `origin` says who made it, if not the sweep's method: `user`.
    """

    sweep: str
    number: int
    params: dict[str, Any]
    created: datetime
    state: TrialState = TrialState.HELD
    place: int = 0
    values: tuple[float, ...] = ()
    reason: str | None = None
    ended: datetime | None = None
    retries: int = 0
    origin: str | None = None
    runs: tuple[TrialRun, ...] = field(default_factory=tuple)

    @property
    def is_over(self) -> bool:
        """Nothing of it goes on."""
        return self.state not in OPEN

    @property
    def current_runs(self) -> tuple[TrialRun, ...]:
        """The last run of each replicate."""
        last = {run.replicate: run for run in sorted(self.runs, key=lambda run: run.segment)}
        return tuple(last[replicate] for replicate in sorted(last))


@dataclass(frozen=True, slots=True)
class TrialMove:
    """A trial becomes what it says, if it is in the state `expect` now (None: if there is none of that number)."""

    trial: Trial
    expect: TrialState | None = None


@dataclass(frozen=True, slots=True)
class TrialFilter:
    """Which trials a list shall have; nothing lets all through."""

    state: tuple[TrialState, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run of a trial stands; `numbers` are the last ones of the nodes that were asked about, as `node.metric`."""

    run: str
    state: str
    held: bool
    error: str | None = None
    ended: datetime | None = None
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrialPoint:
    """One point of a curve of a run of a trial."""

    run: str
    node: str
    metric: str
    position: int
    value: float


@dataclass(frozen=True, slots=True)
class Reports:
    """What runs have come to; points come in the order in which they were written, the last one has the number `seq`.

    A run that is not there has no report.
    """

    runs: tuple[RunReport, ...] = ()
    points: tuple[TrialPoint, ...] = ()
    seq: int = 0
