"""Joins the courses of all sweeps that go on with the catalog and the engine: reads, writes down, then acts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from dix.catalog.base import Catalog
from dix.engine.base import Engine, RunOrder
from dix.engine.news import News
from dix.errors import Changed, Conflict, DixError, NotFound, PlatformError, WrongUse
from dix.flow.text import read_flow
from dix.logs import get_logger
from dix.records.limit import Limit
from dix.records.moments import now
from dix.records.states import Driver
from dix.records.sweep import Sweep, SweepState
from dix.records.trial import Reports
from dix.sweep.base import GoOn
from dix.sweep.choose import choose_halting, choose_search
from dix.sweep.course import Course, Decision, HeldRun, Spent
from dix.sweep.drawn_search import NoSearch
from dix.sweep.space import Space, read_space

# Held in one transaction; each is planned once to see that it can be done.
AT_ONCE = 500
SPENDING_EVERY_S = 10.0
FEW_S, MANY_S = 0.01, 0.25
# A sweep's runs tell nothing from before it was made.
_BEFORE = timedelta(seconds=1)

# What the libraries that decide raise, beside what is ours.
_FAULTS = (ValueError, TypeError, LookupError, AssertionError, RuntimeError, ArithmeticError)

_logger = get_logger("sweep")


class Rounds:
    """Used from one thread. Whatever fails in the middle, the next round goes on from what is written down."""

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self._catalog = catalog
        self._engine = engine
        self._courses: dict[str, Course] = {}

    def begin(self) -> None:
        """Take up all that goes on, as it is written down."""
        self._courses.clear()
        self.reread(self._catalog.sweeps.list_open_sweeps())

    def has_open(self) -> bool:
        """Whether anything goes on."""
        return bool(self._courses)

    def patience_s(self) -> float | None:
        """How long may be waited for happenings; None for ever."""
        moments = [left for course in self._courses.values() if (left := _find_left(course.sweep)) is not None]
        return min(moments, default=None)

    def gather_s(self) -> float:
        """How long news are gathered: where nothing follows from a trial but its own end, nobody waits for it."""
        return FEW_S if any(not course.is_settled for course in self._courses.values()) else MANY_S

    def reread(self, names: Iterable[str]) -> None:
        """These sweeps are not what they were: begin anew with what is written down."""
        for name in names:
            self._courses.pop(name, None)
            with contextlib.suppress(NotFound):
                self._guard(self._catalog.sweeps.get_sweep(name), self._take_up)

    def _take_up(self, sweep: Sweep) -> None:
        course = self._open(sweep)
        if not sweep.is_over:
            settle_limit(self._catalog, self._engine, sweep)
        self._courses[sweep.name] = course
        self._follow(course)

    def _guard(self, sweep: Sweep, act: Callable[[Sweep], None]) -> None:
        """What is wrong with one sweep ends that one: the others go on."""
        try:
            act(sweep)
        except PlatformError:
            raise
        except (DixError, *_FAULTS) as error:
            _logger.exception("sweep %s ends", sweep.name)
            self._courses.pop(sweep.name, None)
            found = self._catalog.sweeps.get_sweep(sweep.name)
            if not found.is_over:
                why = f"it cannot go on: {error or type(error).__name__}"
                ended = replace(found, state=SweepState.STOPPED, reason=why, ended=now())
                self._catalog.sweeps.change_sweep(ended)
                self._take_up(ended)

    def hear(self, news: Iterable[News]) -> None:
        """What the engine tells; what it cannot tell is looked at."""
        told = list(news)
        is_whole = all(one.is_whole for one in told)
        runs = {run for one in told for run in (*one.ended, *one.measured)}
        for course in list(self._courses.values()):
            wanted = course.list_open_runs()
            asked = [run for run in wanted if run in runs] if is_whole else wanted
            if asked or _find_left(course.sweep) is not None:
                self._guard(course.sweep, partial(self._go_on, course, asked))

    def _go_on(self, course: Course, asked: Sequence[str], _sweep: Sweep) -> None:
        if asked:
            course.hear(self._read(course, asked), now())
        self._follow(course)

    def _open(self, sweep: Sweep) -> Course:
        trials = self._catalog.trials.list_trials(sweep.name).items
        halting = GoOn() if sweep.is_over else choose_halting(sweep)
        search = NoSearch() if sweep.is_over else choose_search(sweep, self._read_space(sweep), trials)
        course = Course(sweep, trials, search, halting)
        is_told_all = not isinstance(halting, GoOn)
        runs = [run.run for trial in trials if is_told_all or not trial.is_over for run in trial.runs]
        # Of a trial that is over only its last runs can still go on.
        runs += [run.run for trial in trials if trial.is_over and not is_told_all for run in trial.current_runs]
        course.hear(self._read(course, runs), now())
        course.end_replay()
        return course

    def _read_space(self, sweep: Sweep) -> Space | None:
        if not sweep.space:
            return None
        text = self._catalog.flows.get_flow(sweep.flow, sweep.flow_version).text
        return read_space(sweep.space, read_flow(text))

    def _read(self, course: Course, runs: Sequence[str]) -> Reports:
        numbers = [str(objective) for objective in course.sweep.objectives]
        return self._catalog.trials.read_reports(runs, numbers, course.sweep.created - _BEFORE)

    def _follow(self, course: Course) -> None:
        """Decide, write down, act; and again while something follows."""
        while True:
            decision = course.decide(now(), self._find_spent(course.sweep))
            if not self._write(course, decision):
                self.reread([course.sweep.name])
                return
            self._hold(course, decision.orders)
            for run in decision.cancels:
                with contextlib.suppress(Conflict, NotFound):
                    self._engine.cancel_run(run)
            if not (decision.moves or decision.orders or decision.state):
                break
        if course.sweep.is_over and not course.list_open_runs():
            self._courses.pop(course.sweep.name, None)
            self._catalog.limits.delete_limit(course.sweep.origin)

    def _write(self, course: Course, decision: Decision) -> bool:
        """Whether what was decided is on disk; not when somebody has changed something meanwhile."""
        name = course.sweep.name
        if self._catalog.trials.move_trials(name, decision.moves):
            return False
        if decision.state is None:
            return True
        ended = now() if course.sweep.is_over else None
        before = self._catalog.sweeps.get_sweep(name)
        if before.created != course.sweep.created or before.state is not SweepState.RUNNING:
            return False
        after = replace(before, state=decision.state, reason=decision.reason, ended=ended)
        try:
            self._catalog.sweeps.change_sweep(after, frozenset({before.tag}))
        except (Changed, NotFound):
            return False
        settle_limit(self._catalog, self._engine, after)
        return True

    def _hold(self, course: Course, orders: Sequence[HeldRun]) -> None:
        for begin in range(0, len(orders), AT_ONCE):
            part = orders[begin : begin + AT_ONCE]
            try:
                self._engine.hold_runs([make_order(course.sweep, order) for order in part])
                course.note_made(order.run for order in part)
            except WrongUse:
                for order in part:
                    self._hold_one(course, order)

    def _hold_one(self, course: Course, order: HeldRun) -> None:
        try:
            self._engine.hold_runs([make_order(course.sweep, order)])
            course.note_made([order.run])
        except WrongUse as error:
            course.refuse(order.run, str(error))

    def _find_spent(self, sweep: Sweep) -> Spent:
        if sweep.budget.cpu_s is None and sweep.budget.gpu_s is None:
            return Spent()
        spending = self._catalog.trials.sum_spending(sweep.name, now())
        return Spent(spending.cpu_s, spending.gpu_s)


def make_order(sweep: Sweep, held: HeldRun) -> RunOrder:
    """The order for a run of a trial. All trials have the sweep's date, so that steps that depend on it are shared."""
    return RunOrder(
        flow=sweep.flow,
        version=sweep.flow_version,
        params=dict(held.params),
        project=sweep.project,
        logical_date=sweep.created,
        driver=Driver.PARAMETER,
        user=sweep.user,
        cache=sweep.cache,
        priority=sweep.priority,
        id=held.run,
        retry_of=held.follows,
        origin=sweep.origin,
        place=held.place,
    )


def settle_limit(catalog: Catalog, engine: Engine, sweep: Sweep) -> None:
    """Let as many of its runs go at once as it says now, and none where it does not go on."""
    catalog.limits.put_limit(Limit(sweep.origin, sweep.concurrency, sweep.state is not SweepState.RUNNING))
    engine.reread_limits()


def _find_left(sweep: Sweep) -> float | None:
    """After how many seconds a sweep must be looked at again though nothing has happened; None for never."""
    if sweep.state is not SweepState.RUNNING:
        return None
    moments = []
    if sweep.budget.time_s is not None:
        moments.append(max(0.0, sweep.budget.time_s - (now() - sweep.created).total_seconds()))
    if sweep.budget.cpu_s is not None or sweep.budget.gpu_s is not None:
        moments.append(SPENDING_EVERY_S)
    return min(moments, default=None)
