"""A stream: runs that wait for the same limits."""

from __future__ import annotations

from dataclasses import dataclass

from dix.records.run import Run
from dix.records.states import Driver


@dataclass(frozen=True, slots=True)
class Stream:
    """Of one flow, by one driver, made by one schedule, backfill or sweep, or by hand."""

    flow: str
    driver: Driver
    origin: str | None = None

    @classmethod
    def of(cls, run: Run) -> Stream:
        """The one that a run belongs to."""
        return cls(run.flow, run.driver, run.origin)
