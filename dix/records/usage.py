"""Usage: what was held and used, added up over attempts. Sums are exact fractions of seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from dix.records.sight import EVERYTHING, Sight


class UsageKey(StrEnum):
    """What usage can be added up by."""

    DAY = "day"  # in UTC; what runs over midnight counts on both days
    PROJECT = "project"
    USER = "user"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class UsageQuery:
    """Which usage: from `since` on, up to and without `until`, of these alone (None lets all through),
    and of what is seen.
    """

    by: tuple[UsageKey, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    project: str | None = None
    user: str | None = None
    flow: str | None = None
    sight: Sight = EVERYTHING


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One sum; of day, project, user and flow those are set that it was added up by.

    `run_s` are seconds in which attempts ran, `cpu_s`, `gpu_s` (by type of card, None where that is not known) and
    `memory_byte_s` what they held meanwhile, `cpu_used_s` the CPU seconds measured of those that ended. A run and an
    attempt count once, where they began; `running` of the attempts go on. Of the GPU seconds `gpu_watched_s` were
    measured, and in `gpu_busy_s` of them the cards worked.
    """

    day: date | None = None
    project: str | None = None
    user: str | None = None
    flow: str | None = None
    runs: int = 0
    attempts: int = 0
    running: int = 0
    run_s: Fraction = Fraction()
    cpu_s: Fraction = Fraction()
    gpu_s: Mapping[str | None, Fraction] = field(default_factory=dict)
    memory_byte_s: Fraction = Fraction()
    cpu_used_s: Fraction = Fraction()
    peak_memory_bytes: int | None = None
    gpu_busy_s: float = 0.0
    gpu_watched_s: float = 0.0

    @property
    def all_gpu_s(self) -> Fraction:
        """GPU seconds of every type."""
        return sum(self.gpu_s.values(), Fraction())

    @property
    def gpu_utilisation(self) -> float | None:
        """The share of the measured GPU seconds in which the cards worked."""
        return self.gpu_busy_s / self.gpu_watched_s if self.gpu_watched_s else None


def add_up(rows: Iterable[UsageRow]) -> UsageRow:
    """All of them as one."""
    total = UsageRow()
    for row in rows:
        total = add(total, row)
    return total


def add(one: UsageRow, other: UsageRow) -> UsageRow:
    """The sum of two, with the day, project, user and flow of the first."""
    kinds = dict.fromkeys([*one.gpu_s, *other.gpu_s])
    peaks = [peak for peak in (one.peak_memory_bytes, other.peak_memory_bytes) if peak is not None]
    return UsageRow(
        one.day,
        one.project,
        one.user,
        one.flow,
        one.runs + other.runs,
        one.attempts + other.attempts,
        one.running + other.running,
        one.run_s + other.run_s,
        one.cpu_s + other.cpu_s,
        {kind: one.gpu_s.get(kind, Fraction()) + other.gpu_s.get(kind, Fraction()) for kind in kinds},
        one.memory_byte_s + other.memory_byte_s,
        one.cpu_used_s + other.cpu_used_s,
        max(peaks, default=None),
        one.gpu_busy_s + other.gpu_busy_s,
        one.gpu_watched_s + other.gpu_watched_s,
    )
