"""What the executor, the hosts and the keepers say to each other. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from dix.engine.machines import Place
from dix.engine.messages import StepKey, StepReport
from dix.engine.plan import Slice


@dataclass(frozen=True, slots=True)
class HostSize:
    """What a host was made for. One that `coordinates` holds no processors and cards of its own."""

    place: Place
    slice: Slice
    coordinates: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One order of one supervisor's life; an attempt that is ordered again after it was taken back has another one."""

    life: str
    number: int


@dataclass(frozen=True, slots=True)
class Running:
    """What a host does just now, and since when."""

    ticket: Ticket
    key: StepKey
    started: datetime


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What a host does and keeps: what runs, and pickled reports that nobody has acknowledged, oldest first."""

    size: HostSize
    running: Running | None
    reports: tuple[tuple[Ticket, bytes], ...]


@dataclass(frozen=True, slots=True)
class Obituary:
    """What is known of a host that is gone: what it did last, and why and when its keeper has ended it, if it has."""

    attempt: StepKey | None = None
    verdict: str | None = None
    at: datetime | None = None


def list_newest(reports: Iterable[StepReport], running: Collection[StepKey]) -> list[StepReport]:
    """Of reports with the same key, as looks for a path have, the last, unless one with that key runs now.

    The others were on disk before that one could begin.
    """
    newest = {report.key: report for report in sorted(reports, key=lambda report: report.started)}
    return [report for key, report in newest.items() if key not in running]
