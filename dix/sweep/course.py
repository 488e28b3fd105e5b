"""A sweep under way: hears what its runs come to, and says what follows. Pure: it writes nothing and starts nothing.

What it says is made from facts alone: a run that a trial has and that is not there is to be made, a run of a trial that
is over is to be ended. So whoever was cut off in between makes a new one, and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dix.records.states import RunState, run_is_over
from dix.records.sweep import Method, Sweep, SweepState
from dix.records.trial import (
    MEASURED,
    Reports,
    RunReport,
    Trial,
    TrialMove,
    TrialPoint,
    TrialRun,
    TrialState,
)
from dix.sweep.base import Fate, GoOn, Halting, Search, Verdict
from dix.sweep.making import find_search, make_trial
from dix.sweep.measuring import average_curves, find_mean, measure
from dix.sweep.run_ids import make_trial_run_id

# After so many trials without a number, and none with one, nobody shall wait for the rest.
BLIND = 3


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A run to be made for a trial; `follows` is one whose checkpoints it goes on from."""

    run: str
    params: Mapping[str, Any]
    place: int
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows: to be written down first, then to be made and ended. `state` is set when the sweep's changes."""

    moves: tuple[TrialMove, ...] = ()
    orders: tuple[HeldRun, ...] = ()
    cancels: tuple[str, ...] = ()
    state: SweepState | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What the trials of a sweep have held so far."""

    cpu_s: float = 0.0
    gpu_s: float = 0.0


class Course:
    """One sweep's, from one thread. `hear` and `decide` in turns; what was decided is taken to be done."""

    def __init__(self, sweep: Sweep, trials: Sequence[Trial], search: Search, halting: Halting) -> None:
        self.sweep = sweep
        self._search = search
        self._halting = halting
        self._trials = {trial.number: _as_written(trial) for trial in sorted(trials, key=lambda trial: trial.number)}
        self._written = {number: trial.state for number, trial in self._trials.items()}
        self._changed: dict[int, None] = {}
        self._owners = {run.run: (trial.number, run) for trial in self._trials.values() for run in trial.runs}
        self._runs: dict[str, RunReport] = {}
        self._ordered: set[str] = set()  # said once, and not heard of yet
        self._cancelled: set[str] = set()
        self._curves: dict[tuple[str, str], dict[int, float]] = {}  # by run and number
        self._told_end: set[int] = set()  # trials of whose end `halting` knows
        self._heard: dict[int, int] = {}  # the last position of each trial that was told to `halting`
        self._is_replaying = True  # until all has been heard that was before
        self._now = sweep.created  # of the last time that something was heard or decided
        for trial in self._trials.values():
            halting.add(trial)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All there are, by number."""
        return tuple(self._trials.values())

    @property
    def is_settled(self) -> bool:
        """Whether all of its trials are there, and none is ended because of another one."""
        is_found = find_search(self.sweep) in {Method.TPE, Method.RANDOM}
        return not is_found and self.sweep.patience is None and isinstance(self._halting, GoOn)

    def owns(self, run: str) -> bool:
        """Whether a run is one of a trial of this sweep."""
        return run in self._owners

    def list_open_runs(self) -> tuple[str, ...]:
        """The runs of which something may still be heard."""
        return tuple(run for run in self._owners if run not in self._runs or not _is_over(self._runs[run]))

    def hear(self, reports: Reports, at: datetime) -> None:
        """What some of its runs have come to. What was heard before may be heard again."""
        self._now = at
        touched: dict[int, None] = {}
        for point in reports.points:
            if point.run in self._owners:
                self._keep(point)
                number = self._owners[point.run][0]
                touched[number] = None
                self._tell_halting(self._trials[number])
        for report in reports.runs:
            if report.run in self._owners:
                self._runs[report.run] = report
                self._ordered.discard(report.run)
                touched[self._owners[report.run][0]] = None
        for number in touched:
            self._judge(self._trials[number])

    def note_made(self, runs: Iterable[str]) -> None:
        """These have been made, and wait."""
        for run in runs:
            self._runs.setdefault(run, RunReport(run, str(RunState.QUEUED), held=True))
            self._ordered.discard(run)

    def refuse(self, run: str, error: str) -> None:
        """It cannot be made, and never will be."""
        self._ordered.discard(run)
        self._runs[run] = RunReport(run, str(RunState.FAILED), held=False, error=error)
        self._judge(self._trials[self._owners[run][0]])

    def end_replay(self) -> None:
        """All has been heard of what was before this was made: what is over is so now for those who decide, too."""
        for trial in self._trials.values():
            if trial.is_over and trial.number not in self._told_end:
                self._told_end.add(trial.number)
                self._halting.end(trial)
        self._is_replaying = False
        for trial in self._trials.values():
            if trial.state is TrialState.PAUSED and not self._halting.is_paused(trial.number):
                self._apply(Verdict(trial.number, Fate.GO_ON), "")

    def decide(self, at: datetime, spent: Spent = Spent()) -> Decision:
        """What follows from all that was heard."""
        self._now = at
        state, reason = self._find_end(at, spent)
        if state in {SweepState.STOPPED, SweepState.FINISHED} or self.sweep.state is SweepState.STOPPED:
            why = reason or "the sweep was stopped"
            for trial in [trial for trial in self._trials.values() if not trial.is_over]:
                self._end(trial, TrialState.CANCELLED, why, at)
        elif self.sweep.state is SweepState.RUNNING and state is None:
            self._top_up(at)
            if all(trial.is_over for trial in self._trials.values()):
                state, reason = SweepState.FINISHED, "all trials are over"
        if state is not None:
            self.sweep = replace(self.sweep, state=state, reason=reason)
        moves = tuple(self._make_move(number) for number in self._changed)
        self._changed = {}
        return Decision(moves, self._find_orders(), self._find_cancels(), state, reason)

    def _make_move(self, number: int) -> TrialMove:
        trial, before = self._trials[number], self._written.get(number)
        self._written[number] = trial.state
        return TrialMove(trial, before)

    def _keep(self, point: TrialPoint) -> None:
        self._curves.setdefault((point.run, f"{point.node}.{point.metric}"), {})[point.position] = point.value

    # What trials come to

    def _tell_halting(self, trial: Trial) -> None:
        if trial.number in self._told_end or not self.sweep.objectives:
            return
        name = str(self.sweep.objectives[0])
        curve = average_curves([self._join(trial, run.replicate, name) for run in trial.current_runs])
        for position in sorted(curve):
            if position <= self._heard.get(trial.number, 0):
                continue
            self._heard[trial.number] = position
            for verdict in self._halting.hear(trial.number, position, curve[position]):
                self._apply(verdict, f"at {position} it had {name} {curve[position]:.6g}")

    def _join(self, trial: Trial, replicate: int, name: str) -> dict[int, float]:
        """The curve of all runs of one replicate, where the later one counts."""
        joined: dict[int, float] = {}
        for run in trial.runs:
            if run.replicate == replicate:
                joined |= self._curves.get((run.run, name), {})
        return joined

    def _apply(self, verdict: Verdict, why: str) -> None:
        trial = self._trials[verdict.number]
        if verdict.fate is Fate.STOP and not trial.is_over:
            self._end(trial, TrialState.STOPPED, f"{self.sweep.method} has stopped it: {why}", None)
        elif verdict.fate is Fate.PAUSE and trial.state is TrialState.HELD and not self._is_replaying:
            self._put(replace(trial, state=TrialState.PAUSED, reason=f"it waits for others of its bracket: {why}"))
        elif verdict.fate is Fate.GO_ON and trial.state is TrialState.PAUSED and not self._is_replaying:
            runs = tuple(self._make_next(trial, run.run) for run in trial.current_runs)
            self._put(replace(trial, state=TrialState.HELD, reason=None, runs=(*trial.runs, *runs)))

    def _judge(self, trial: Trial) -> None:
        """What a trial is once all of its runs are over."""
        reports = [self._runs.get(run.run) for run in trial.current_runs]
        known = [report for report in reports if report is not None and _is_over(report)]
        if trial.state is not TrialState.HELD or len(known) < len(reports):
            return
        ended = max((report.ended for report in known if report.ended is not None), default=None)
        states = {report.state for report in known}
        if RunState.FAILED in states:
            self._fail(trial, known, ended)
        elif RunState.CANCELLED in states:
            self._end(trial, TrialState.CANCELLED, "its run was cancelled", ended)
        else:
            missing = [
                str(one)
                for one, value in zip(self.sweep.objectives, self._measure(trial), strict=True)
                if value is None
            ]
            if missing:
                self._end(trial, TrialState.UNMEASURED, f"it ended without {' and '.join(missing)}", ended)
            else:
                self._end(trial, TrialState.SUCCEEDED, None, ended)

    def _fail(self, trial: Trial, reports: Iterable[RunReport], ended: datetime | None) -> None:
        failed = [report for report in reports if report.state == RunState.FAILED]
        if trial.retries >= self.sweep.retries:
            self._end(trial, TrialState.FAILED, failed[0].error, ended)
            return
        runs = [self._make_next(trial, report.run) for report in failed]
        self._put(replace(trial, runs=(*trial.runs, *runs), retries=trial.retries + 1, reason=failed[0].error))

    def _make_next(self, trial: Trial, run: str) -> TrialRun:
        before = self._owners[run][1]
        segment = before.segment + 1
        return TrialRun(
            make_trial_run_id(self.sweep, trial.number, before.replicate, segment), before.replicate, segment
        )

    def _measure(self, trial: Trial) -> list[float | None]:
        values = []
        for objective in self.sweep.objectives:
            name = str(objective)
            found = []
            for run in trial.current_runs:
                report = self._runs.get(run.run)
                last = report.numbers.get(name) if report else None
                found.append(measure(objective, self._join(trial, run.replicate, name), last))
            values.append(find_mean(found))
        return values

    def _end(self, trial: Trial, state: TrialState, reason: str | None, at: datetime | None) -> None:
        values = self._measure(trial)
        known = tuple(value for value in values if value is not None)
        kept = known if len(known) == len(values) and state is not TrialState.UNMEASURED else ()
        ended = replace(trial, state=state, reason=reason, values=kept, ended=at or self._now)
        self._put(ended)
        self._search.end(ended)
        self._told_end.add(trial.number)
        for verdict in self._halting.end(ended):
            self._apply(verdict, "others have ended")

    def _put(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self._changed[trial.number] = None
        self._owners |= {run.run: (trial.number, run) for run in trial.runs}

    # What follows

    def _top_up(self, at: datetime) -> None:
        """Ask for as many trials as may run at once, and as the budget has left."""
        most = max(1, self.sweep.concurrency // self.sweep.replicates)
        while self._count_left() > 0 and self._count_held() < most:
            number = max(self._trials, default=0) + 1
            params = self._search.suggest(number)
            if params is None:
                return
            trial = replace(make_trial(self.sweep, number, params), created=at)
            self._put(trial)
            self._halting.add(trial)

    def _count_held(self) -> int:
        return sum(trial.state is TrialState.HELD for trial in self._trials.values())

    def _count_left(self) -> int:
        """How many trials the budget has left for what is found on the way."""
        if find_search(self.sweep) not in {Method.RANDOM, Method.TPE} or self.sweep.budget.trials is None:
            return 0
        own = [trial for trial in self._trials.values() if trial.origin is None]
        free = [trial for trial in own if trial.state is TrialState.FAILED] if not self.sweep.counts_failed else []
        if len(free) > self.sweep.budget.trials:  # what fails that often fails for good
            return 0
        return self.sweep.budget.trials - len(own) + len(free)

    def _find_orders(self) -> tuple[HeldRun, ...]:
        if self.sweep.state is not SweepState.RUNNING:
            return ()
        orders = tuple(
            hold_run(self.sweep, trial, run)
            for trial in self._trials.values()
            if trial.state is TrialState.HELD
            for run in trial.current_runs
            if run.run not in self._runs and run.run not in self._ordered
        )
        self._ordered |= {order.run for order in orders}
        return orders

    def _find_cancels(self) -> tuple[str, ...]:
        cancels = []
        for run, report in self._runs.items():
            number, _ = self._owners[run]
            trial = self._trials[number]
            is_wanted = trial.state is TrialState.HELD and run in {one.run for one in trial.current_runs}
            if not is_wanted and not _is_over(report) and run not in self._cancelled:
                cancels.append(run)
        self._cancelled |= set(cancels)
        return tuple(cancels)

    def _find_end(self, at: datetime, spent: Spent) -> tuple[SweepState | None, str | None]:
        """Whether the sweep ends now although something is left to try, and why."""
        if self.sweep.state is not SweepState.RUNNING:
            return None, None
        budget = self.sweep.budget
        if budget.time_s is not None and (at - self.sweep.created).total_seconds() >= budget.time_s:
            return SweepState.FINISHED, f"its time of {budget.time_s:g} s is over"
        for name, used, limit in (("cpu", spent.cpu_s, budget.cpu_s), ("gpu", spent.gpu_s, budget.gpu_s)):
            if limit is not None and used >= limit:
                return SweepState.FINISHED, f"its budget of {limit:g} {name} seconds is used"
        if self.sweep.patience is not None and self._count_worse() >= self.sweep.patience:
            return SweepState.FINISHED, f"{self.sweep.patience} trials in a row were no better than the best"
        return self._find_blindness()

    def _find_blindness(self) -> tuple[SweepState | None, str | None]:
        states = [trial.state for trial in self._trials.values()]
        changed = [number for number in self._changed if self._trials[number].state is TrialState.UNMEASURED]
        count = states.count(TrialState.UNMEASURED)
        if any(state in MEASURED for state in states) or not count - len(changed) < BLIND <= count:
            return None, None
        wanted = " and ".join(map(str, self.sweep.objectives))
        return SweepState.PAUSED, f"its first {BLIND} trials ended without {wanted}; stop it, or resume it to go on"

    def _count_worse(self) -> int:
        """How many trials have ended since the best one."""
        objective = self.sweep.objectives[0]
        ended = [trial for trial in self._trials.values() if trial.state in MEASURED and trial.values and trial.ended]
        best, since = None, 0
        for trial in sorted(ended, key=lambda trial: (trial.ended, trial.number)):
            if best is None or objective.is_better(trial.values[0], best):
                best, since = trial.values[0], 0
            else:
                since += 1
        return since


def hold_run(sweep: Sweep, trial: Trial, run: TrialRun) -> HeldRun:
    """What a run of a trial is to be."""
    params = {**sweep.params, **trial.params}
    if sweep.seed_param is not None:
        params[sweep.seed_param] = sweep.seed + run.replicate
    before = [one.run for one in trial.runs if (one.replicate, one.segment) == (run.replicate, run.segment - 1)]
    return HeldRun(run.run, params, trial.place, before[0] if before else None)


def _as_written(trial: Trial) -> Trial:
    """That a run of it has begun is not written down."""
    return replace(trial, state=TrialState.HELD) if trial.state is TrialState.RUNNING else trial


def _is_over(report: RunReport) -> bool:
    return run_is_over(RunState(report.state))
