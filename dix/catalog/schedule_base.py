"""The part of the catalog's interface that is about schedules and backfills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dix.records.backfill import Backfill, DatedRun
from dix.records.schedule import Firing, Mark, Missed, Schedule, ScheduleChange
from dix.records.states import RunState
from dix.records.tag import Expected


class Schedules(Protocol):
    """What shall run by itself."""

    def create_schedule(self, schedule: Schedule) -> None:
        """Write a new one down; AlreadyExists when the name is taken."""

    def get_schedule(self, name: str) -> Schedule:
        """One schedule; the error names the nearest."""

    def list_schedules(self) -> tuple[Schedule, ...]:
        """All of them, by name."""

    def update_schedule(self, schedule: Schedule, expected: Expected | None = None) -> None:
        """Change everything but its name; NotFound when there is none."""

    def delete_schedule(self, name: str, expected: Expected | None = None) -> None:
        """Forget one with all that was decided for it; its runs stay. NotFound when there is none."""


class Firings(Protocol):
    """What has been decided for schedules. Only the scheduler writes it."""

    def list_marks(self) -> dict[str, Mark]:
        """How far each schedule has been decided, by name."""

    def keep_changes(self, changes: Sequence[ScheduleChange]) -> None:
        """Write decisions down together; those of a schedule that is not there any more are left out."""

    def list_firings(self) -> tuple[Firing, ...]:
        """What was decided to become runs and may not be any yet, in the order in which it was decided."""

    def settle_firings(self, runs: Sequence[str], missed: Sequence[Missed] = ()) -> None:
        """These have become runs, or, with an entry in `missed`, are none."""

    def list_missed(self, schedule: str) -> tuple[Missed, ...]:
        """The last thousand times, or groups of times, that became no run, newest first."""


class Backfills(Protocol):
    """Runs for dates in the past, made together."""

    def create_backfill(self, backfill: Backfill) -> None:
        """Write a new one down; AlreadyExists when the id is taken."""

    def get_backfill(self, id: str) -> Backfill:
        """One backfill."""

    def list_backfills(self) -> tuple[Backfill, ...]:
        """All of them, newest first."""

    def update_backfill(self, backfill: Backfill, expected: Expected | None = None) -> None:
        """Change its state and how many of its runs may go at once; NotFound when there is none."""

    def count_runs(self, origins: Sequence[str]) -> dict[str, dict[RunState, int]]:
        """How many runs each of these has made, by their state; one without any is left out."""

    def list_dated(self, flow: str, project: str, first: datetime, last: datetime) -> tuple[DatedRun, ...]:
        """Runs of a flow with logical dates from one to another, both included, newest first.

        Without trials of sweeps, and of a part of the flow only those that are not over.
        """
