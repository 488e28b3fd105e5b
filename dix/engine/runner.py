"""The one loop: it hears what happened, asks the boards what follows, writes that down, and then acts on it.

Everything that changes a run passes through here, in one thread. A round takes all that has happened since the last
one, commits the moves as a group, and only then starts steps: a step's result is on disk before its dependents start.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from dix.catalog.base import Catalog
from dix.engine.admission import Admission
from dix.engine.course import Course, Start
from dix.engine.executor import Executor
from dix.engine.messages import Beat, StepKey, StepReport
from dix.engine.plan import Plan
from dix.errors import PlatformError, WrongUse
from dix.logs import get_logger
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelVersion
from dix.records.run import Run
from dix.records.step import Step
from dix.store.options import StoreOptions

REASONS_EVERY_S = 0.5  # how often the reasons of waiting steps are looked at again
RESIZE_EVERY_S = 5.0
CATALOG_PAUSE_S = 0.5

_logger = get_logger("engine")


@dataclass(frozen=True, slots=True)
class TakeUp:
    """A run that was accepted, or that was found unfinished."""

    run: Run
    steps: tuple[Step, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody wants a run to end; the answer is whether it was still open."""

    run: str
    answer: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Due:
    """A time has come: of a pause between attempts, of another look at a path, of a step's timeout."""

    key: StepKey


Happening = TakeUp | Cancel | Due | Beat | StepReport | None


class Runner:
    """Owns the runs that are not over. `hear` may be called from any thread; the rest happens in `run_loop`."""

    def __init__(self, catalog: Catalog, store: StoreOptions, on_registered: Callable[[ModelVersion], None]) -> None:
        """`on_registered` is told of every model version that a step's success has registered."""
        self._catalog = catalog
        self._store = store
        self._on_registered = on_registered
        self._happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._courses: dict[str, Course] = {}
        self._timers: list[tuple[float, int, Due]] = []
        self._counter = itertools.count()
        self._reasons_due = 0.0
        self._resize_due = 0.0

    def hear(self, happening: Happening) -> None:
        """Something happened; None ends the loop."""
        self._happenings.put(happening)

    def on_beat(self, beat: Beat) -> None:
        """As a `Listener` of the executor."""
        self.hear(beat)

    def on_end(self, report: StepReport) -> None:
        """As a `Listener` of the executor."""
        self.hear(report)

    def run_loop(self, executor: Executor) -> None:
        """Go on until `hear(None)`."""
        self._executor = executor
        self._admission = Admission(executor.capacity())
        while True:
            happenings = self._wait()
            if None in happenings:
                return
            self._do_round(happenings)

    def start_thread(self, executor: Executor) -> threading.Thread:
        """The loop in a thread of its own."""
        thread = threading.Thread(target=self.run_loop, args=(executor,), name="runner", daemon=True)
        thread.start()
        return thread

    def _wait(self) -> list[Happening]:
        """All that has happened, at least one thing; or nothing, when a time has come."""
        happenings: list[Happening] = []
        try:
            happenings.append(self._happenings.get(timeout=self._patience_s()))
            while True:
                happenings.append(self._happenings.get_nowait())
        except queue.Empty:
            pass
        while self._timers and self._timers[0][0] <= time.monotonic():
            happenings.append(heapq.heappop(self._timers)[2])
        return happenings

    def _patience_s(self) -> float | None:
        moments = [self._timers[0][0]] if self._timers else []
        if any(course.has_waiting() for course in self._courses.values()):
            moments.append(self._reasons_due)
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _do_round(self, happenings: list[Happening]) -> None:
        points: list[MetricPoint] = []
        answers: list[tuple[Future[bool], bool]] = []
        for happening in happenings:
            self._apply(happening, points, answers)
        self._admit()
        self._look_at_reasons()
        self._write(points)
        for answer, value in answers:
            answer.set_result(value)
        self._act()
        self._write([])
        self._courses = {run: course for run, course in self._courses.items() if not course.is_over()}

    def _apply(self, happening: Happening, points: list[MetricPoint], answers: list[tuple[Future[bool], bool]]) -> None:
        match happening:
            case TakeUp():
                if happening.run.id not in self._courses:
                    self._courses[happening.run.id] = Course(happening.run, happening.steps, happening.plan)
            case Cancel():
                course = self._courses.get(happening.run)
                if course is not None:
                    course.cancel()
                answers.append((happening.answer, course is not None))
            case Beat() | StepReport():
                points.extend(self._hear_of(happening))
            case Due() if happening.key.run in self._courses:
                self._courses[happening.key.run].due(happening.key)

    def _hear_of(self, told: Beat | StepReport) -> Iterable[MetricPoint]:
        course = self._courses.get(told.key.run)
        is_current = course is not None and course.is_current(told.key)
        if isinstance(told, StepReport):
            self._admission.release(told.key)
        if course is None or not is_current:
            return ()
        if isinstance(told, StepReport):
            course.end(told)
        else:
            course.beat(told)
        return _points(told)

    def _admit(self) -> None:
        for course in self._courses.values():
            course.admit(self._admission)

    def _look_at_reasons(self) -> None:
        clock = time.monotonic()
        if clock >= self._resize_due:
            self._resize_due = clock + RESIZE_EVERY_S
            self._admission.resize(self._executor.capacity())
        if clock < self._reasons_due:
            return
        self._reasons_due = clock + REASONS_EVERY_S
        running = [key for course in self._courses.values() for key in course.running()]
        for course in self._courses.values():
            course.explain(self._admission, running)

    def _write(self, points: list[MetricPoint]) -> None:
        """Make everything durable that the courses have decided; models get their numbers here."""
        steps: list[StepMove] = []
        runs: list[RunMove] = []
        for course in self._courses.values():
            moves = course.take_moves()
            steps.extend(moves.steps)
            runs.extend(moves.runs)
        if points:
            self._catalog.telemetry.add_metrics(tuple(points))
        if not steps and not runs:
            return
        result = self._commit(ChangeSet(tuple(steps), tuple(runs)))
        for refused in result.refused_steps:
            _logger.error("the catalog refused a move of step %s", refused)
        for refused_run in result.refused_runs:  # it is in other hands, or over: what we were told is stale
            _logger.warning("run %s is not as it was when it was handed over; leaving it", refused_run)
            for key in self._courses.pop(refused_run).let_go():
                self._executor.stop(key)
                self._admission.release(key)
        for (run, node), version in result.models.items():
            self._courses[run].registered(node, version)
            self._on_registered(version)

    def _act(self) -> None:
        for course in self._courses.values():
            for key in course.take_stops():
                self._executor.stop(key)
                self._admission.release(key)
            for start in course.take_starts():
                self._start(course, start)
            for at, key in course.take_timers():
                heapq.heappush(self._timers, (at, next(self._counter), Due(key)))

    def _start(self, course: Course, start: Start) -> None:
        try:
            order = course.make_order(start, self._catalog.models, self._store)
        except WrongUse as error:
            self._admission.release(start.key)
            course.fail_start(start, str(error))
            return
        self._executor.start(order)

    def _commit(self, changes: ChangeSet) -> ChangeResult:
        """Write down, however long the catalog is away: nothing may happen before it is on disk."""
        while True:
            try:
                return self._catalog.runs.apply_changes(changes)
            except PlatformError as error:
                _logger.warning("waiting for the catalog: %s", error)
                time.sleep(CATALOG_PAUSE_S)


def _points(told: Beat | StepReport) -> Iterable[MetricPoint]:
    key = told.key
    for row in told.rows:
        for name, value in row.values.items():
            yield MetricPoint(key.run, key.node, key.attempt, name, row.position, value, row.at)
