"""Schedules, what was decided for them, and backfills, by way of the owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dix.catalog.drawer import Drawer
from dix.catalog.schedule_base import Backfills, Firings, Schedules
from dix.records.backfill import Backfill, DatedRun
from dix.records.schedule import Firing, Mark, Missed, Schedule, ScheduleChange
from dix.records.states import RunState
from dix.records.tag import Expected


class ProxySchedules(Drawer):
    """Schedules, by way of the owner."""

    name = "schedules"

    def create_schedule(self, schedule: Schedule) -> None:
        self.write_once("create_schedule", schedule=schedule)

    def get_schedule(self, name: str) -> Schedule:
        schedule: Schedule = self.read("get_schedule", name=name)
        return schedule

    def list_schedules(self) -> tuple[Schedule, ...]:
        schedules: tuple[Schedule, ...] = self.read("list_schedules")
        return schedules

    def update_schedule(self, schedule: Schedule, expected: Expected | None = None) -> None:
        self.write_once("update_schedule", schedule=schedule, expected=expected)

    def delete_schedule(self, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_schedule", name=name, expected=expected)


class ProxyFirings(Drawer):
    """What was decided for schedules, by way of the owner."""

    name = "firings"

    def list_marks(self) -> dict[str, Mark]:
        marks: dict[str, Mark] = self.read("list_marks")
        return marks

    def keep_changes(self, changes: Sequence[ScheduleChange]) -> None:
        self.write_once("keep_changes", changes=changes)

    def list_firings(self) -> tuple[Firing, ...]:
        firings: tuple[Firing, ...] = self.read("list_firings")
        return firings

    def settle_firings(self, runs: Sequence[str], missed: Sequence[Missed] = ()) -> None:
        self.write_once("settle_firings", runs=runs, missed=missed)

    def list_missed(self, schedule: str) -> tuple[Missed, ...]:
        missed: tuple[Missed, ...] = self.read("list_missed", schedule=schedule)
        return missed


class ProxyBackfills(Drawer):
    """Backfills, by way of the owner."""

    name = "backfills"

    def create_backfill(self, backfill: Backfill) -> None:
        self.write_once("create_backfill", backfill=backfill)

    def get_backfill(self, id: str) -> Backfill:
        backfill: Backfill = self.read("get_backfill", id=id)
        return backfill

    def list_backfills(self) -> tuple[Backfill, ...]:
        backfills: tuple[Backfill, ...] = self.read("list_backfills")
        return backfills

    def update_backfill(self, backfill: Backfill, expected: Expected | None = None) -> None:
        self.write_once("update_backfill", backfill=backfill, expected=expected)

    def count_runs(self, origins: Sequence[str]) -> dict[str, dict[RunState, int]]:
        counted: dict[str, dict[RunState, int]] = self.read("count_runs", origins=origins)
        return counted

    def list_dated(self, flow: str, project: str, first: datetime, last: datetime) -> tuple[DatedRun, ...]:
        runs: tuple[DatedRun, ...] = self.read("list_dated", flow=flow, project=project, first=first, last=last)
        return runs


def _fits(
    schedules: ProxySchedules, firings: ProxyFirings, backfills: ProxyBackfills
) -> tuple[Schedules, Firings, Backfills]:
    return schedules, firings, backfills
