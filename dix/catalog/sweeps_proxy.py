"""The drawers of sweeps from any process: the same interfaces, answered by the owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dix.catalog.drawer import Drawer
from dix.catalog.sweeps_base import Sweeps, Trials
from dix.records.page import Page
from dix.records.sight import EVERYTHING, Sight
from dix.records.sort import SortKey
from dix.records.sweep import Sweep, SweepFilter
from dix.records.tag import Expected
from dix.records.trial import Reports, Trial, TrialFilter, TrialMove
from dix.records.trial_table import Curves, Spending, TrialTable


class ProxySweeps(Drawer):
    """Sweeps, by way of the owner."""

    name = "sweeps"

    def create_sweep(self, sweep: Sweep, trials: tuple[Trial, ...]) -> None:
        self.write_once("create_sweep", sweep=sweep, trials=trials)

    def get_sweep(self, name: str) -> Sweep:
        found: Sweep = self.read("get_sweep", name=name)
        return found

    def list_sweeps(
        self,
        wanted: SweepFilter,
        limit: int = 50,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
        sight: Sight = EVERYTHING,
    ) -> Page[Sweep]:
        page: Page[Sweep] = self.read("list_sweeps", wanted=wanted, limit=limit, cursor=cursor, sort=sort, sight=sight)
        return page

    def list_open_sweeps(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.read("list_open_sweeps")
        return names

    def change_sweep(self, sweep: Sweep, expected: Expected | None = None) -> None:
        self.write_once("change_sweep", sweep=sweep, expected=expected)

    def delete_sweep(self, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_sweep", name=name, expected=expected)


class ProxyTrials(Drawer):
    """Trials, by way of the owner."""

    name = "trials"

    def move_trials(self, sweep: str, moves: tuple[TrialMove, ...]) -> tuple[int, ...]:
        refused: tuple[int, ...] = self.write_once("move_trials", sweep=sweep, moves=moves)
        return refused

    def get_trial(self, sweep: str, number: int) -> Trial:
        found: Trial = self.read("get_trial", sweep=sweep, number=number)
        return found

    def list_trials(
        self,
        sweep: str,
        wanted: TrialFilter = TrialFilter(),  # noqa: B008 frozen
        limit: int | None = None,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
    ) -> Page[Trial]:
        page: Page[Trial] = self.read("list_trials", sweep=sweep, wanted=wanted, limit=limit, cursor=cursor, sort=sort)
        return page

    def count_trials(self, sweeps: Sequence[str]) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = self.read("count_trials", sweeps=list(sweeps))
        return counts

    def read_reports(self, runs: Sequence[str], numbers: Sequence[str], since: datetime) -> Reports:
        reports: Reports = self.read("read_reports", runs=list(runs), numbers=list(numbers), since=since)
        return reports

    def sum_spending(self, sweep: str, at: datetime) -> Spending:
        spending: Spending = self.read("sum_spending", sweep=sweep, at=at)
        return spending

    def read_table(self, sweep: str) -> TrialTable:
        table: TrialTable = self.read("read_table", sweep=sweep)
        return table

    def read_curves(self, sweep: str, number: str, trials: Sequence[int]) -> Curves:
        curves: Curves = self.read("read_curves", sweep=sweep, number=number, trials=list(trials))
        return curves


def _fits(sweeps: ProxySweeps, trials: ProxyTrials) -> tuple[Sweeps, Trials]:
    return sweeps, trials
