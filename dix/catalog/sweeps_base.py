"""The interface of the drawers of sweeps: what was asked for, its trials, and what those came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dix.records.page import Page
from dix.records.sight import EVERYTHING, Sight
from dix.records.sort import SortKey
from dix.records.sweep import Sweep, SweepFilter
from dix.records.tag import Expected
from dix.records.trial import Reports, Trial, TrialFilter, TrialMove
from dix.records.trial_table import Curves, Spending, TrialTable


class Sweeps(Protocol):
    """Sweeps by name."""

    def create_sweep(self, sweep: Sweep, trials: tuple[Trial, ...]) -> None:
        """Write a sweep down with the trials that are known; AlreadyExists when the name is taken."""

    def get_sweep(self, name: str) -> Sweep:
        """One sweep; the error names the nearest."""

    def list_sweeps(
        self,
        wanted: SweepFilter,
        limit: int = 50,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
        sight: Sight = EVERYTHING,
    ) -> Page[Sweep]:
        """The sweeps that are wanted, newest first unless another order is asked for."""

    def list_open_sweeps(self) -> tuple[str, ...]:
        """The names of those that are not over, or of which a trial is not."""

    def change_sweep(self, sweep: Sweep, expected: Expected | None = None) -> None:
        """Write what is another about it now; NotFound when there is none."""

    def delete_sweep(self, name: str, expected: Expected | None = None) -> None:
        """Forget a sweep that is over, and its trials; their runs stay. NotFound, Conflict."""


class Trials(Protocol):
    """Trials of sweeps, by number, and what their runs came to."""

    def move_trials(self, sweep: str, moves: tuple[TrialMove, ...]) -> tuple[int, ...]:
        """Write new trials down and change others, each one a compare-and-set; the numbers of those refused."""

    def get_trial(self, sweep: str, number: int) -> Trial:
        """One trial; NotFound when there is none."""

    def list_trials(
        self,
        sweep: str,
        wanted: TrialFilter = TrialFilter(),  # noqa: B008 frozen
        limit: int | None = None,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
    ) -> Page[Trial]:
        """The trials that are wanted, by number unless another order is asked for; without a limit all."""

    def count_trials(self, sweeps: Sequence[str]) -> dict[str, dict[str, int]]:
        """How many trials of each sweep are in each state."""

    def read_reports(self, runs: Sequence[str], numbers: Sequence[str], since: datetime) -> Reports:
        """How these runs stand, and the points of these numbers (`node.metric`) that were told since then."""

    def sum_spending(self, sweep: str, at: datetime) -> Spending:
        """What all attempts of its runs have held so far."""

    def read_table(self, sweep: str) -> TrialTable:
        """All trials with all their numbers: the least, the greatest and the last of each."""

    def read_curves(self, sweep: str, number: str, trials: Sequence[int]) -> Curves:
        """The points of one number (`node.metric`) of these trials."""
