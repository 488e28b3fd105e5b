"""An attempt: one try of a step, what it held while it ran, and what it used of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AttemptOutcome(StrEnum):
    """How an attempt came out."""

    SUCCEEDED = "succeeded"
    CACHED = "cached"  # it found the outputs of an earlier step to be right, and used them
    FAILED = "failed"  # the user's code or data, its timeout and its limits among them
    BROKEN = "broken"  # the platform: a worker lost, the store away, a crash
    NOT_THERE = "not there"  # a data node's path; the step looks again later, under the same number
    CANCELLED = "cancelled"  # somebody ended it


@dataclass(frozen=True, slots=True)
class Allocated:
    """What an attempt holds of its machine, whether it uses it or not."""

    cpu: float = 0.0
    gpu: float = 0.0
    gpu_type: str | None = None
    memory_bytes: int = 0
    disk_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What was measured of an attempt; None is what could not be.

    `cpu_s` are the CPU seconds of its process and of the children that ended, `peak_memory_bytes` the most that one of
    these processes had in memory, `gpu_utilisation` the mean share (0.0-1.0) of the time in which its cards worked.
    """

    cpu_s: float | None = None
    peak_memory_bytes: int | None = None
    gpu_utilisation: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """`(run, node, attempt, started)` is its key: who looks for a path again and again does so under one number.

    While it runs, `ended` and `outcome` are None. An attempt that was lost with everything else ends with the last
    sign of life that is on disk.
    """

    run: str
    node: str
    attempt: int
    project: str
    user: str
    flow: str
    started: datetime
    machine: str | None = None
    ended: datetime | None = None
    outcome: AttemptOutcome | None = None
    error: str | None = None
    allocated: Allocated = field(default_factory=Allocated)
    used: Used = field(default_factory=Used)
