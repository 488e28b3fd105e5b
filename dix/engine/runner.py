"""The one loop: it hears what happened, asks the boards what follows, writes that down, and then acts on it.

Everything that changes a run passes through here, in one thread. A round takes all that has happened since the last
one, commits the moves as a group, and only then starts steps: a step's result is on disk before its dependents start.
"""

from __future__ import annotations

import heapq
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from dix.catalog.base import Catalog
from dix.engine.admission import Admission
from dix.engine.closing import close_run, list_under_way
from dix.engine.course import Alarm, Course, Start
from dix.engine.executor import Executor
from dix.engine.messages import Beat, StepOrder, StepReport
from dix.engine.meter import Meter
from dix.engine.orders import find_version
from dix.engine.plan import Plan
from dix.engine.reuse import Reuse
from dix.engine.surroundings import look_around
from dix.errors import NotFound, PlatformError, WrongUse
from dix.logs import get_logger
from dix.records.attempt import Attempt
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelVersion
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState, run_is_over
from dix.records.step import Step
from dix.store.options import StoreOptions

REASONS_EVERY_S = 0.5  # how often the reasons of waiting steps are looked at again
RESIZE_EVERY_S = 5.0
SIGN_EVERY_S = 1.0  # how exactly the end of what is lost with everything else is known
CATALOG_PAUSE_S = 0.5
_LONGEST_SLEEP_S = 3600.0

_Answer = TypeVar("_Answer")
_logger = get_logger("engine")


@dataclass(frozen=True, slots=True)
class TakeUp:
    """A run that was accepted, or that was found unfinished.

    Of one that was found, `under_way` are the attempts that had begun, and `alive` is the last sign of life on disk.
    """

    run: Run
    steps: tuple[Step, ...]
    plan: Plan
    under_way: tuple[Attempt, ...] = ()
    alive: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody wants a run to end; the answer is whether it was still open."""

    run: str
    answer: Future[bool] = field(default_factory=Future)


Happening = TakeUp | Cancel | Alarm | Beat | StepReport | None


class Runner:
    """Owns the runs that are not over. `hear` may be called from any thread; the rest happens in `run_loop`."""

    def __init__(self, catalog: Catalog, store: StoreOptions, on_registered: Callable[[ModelVersion], None]) -> None:
        """`on_registered` is told of every model version that a step's success has registered."""
        self._catalog = catalog
        self._store = store
        self._on_registered = on_registered
        self._reuse = Reuse(catalog, look_around(store.url))
        self._happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._courses: dict[str, Course] = {}
        self._alarms: list[Alarm] = []  # a heap
        self._reasons_due = 0.0
        self._resize_due = 0.0
        self._sign_due = 0.0

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
        self._patiently(self._reuse.read_keys)
        while True:
            happenings = self._wait()
            if None in happenings:
                return
            self._do_round(happenings)

    def start_thread(self, executor: Executor, on_death: Callable[[], None] = lambda: None) -> threading.Thread:
        """The loop in a thread of its own; `on_death` is called there when the loop ends by an error."""

        def loop() -> None:
            has_ended = False
            try:
                self.run_loop(executor)
                has_ended = True
            finally:
                if not has_ended:
                    _logger.error("the engine's loop has died\n%s", traceback.format_exc())
                    on_death()

        thread = threading.Thread(target=loop, name="runner", daemon=True)
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
        while self._alarms and self._alarms[0].at <= time.monotonic():
            happenings.append(heapq.heappop(self._alarms))
        return happenings

    def _patience_s(self) -> float | None:
        moments = [alarm.at for alarm in self._alarms[:1]]
        if any(course.has_waiting() for course in self._courses.values()):
            moments.append(self._reasons_due)
        if any(course.is_running() for course in self._courses.values()):
            moments.append(self._sign_due)
        return min(_LONGEST_SLEEP_S, max(0.0, min(moments) - time.monotonic())) if moments else None

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
        self._note_alive()
        self._forget_ended()

    def _forget_ended(self) -> None:
        for run in [run for run, course in self._courses.items() if course.is_over()]:
            del self._courses[run]
            self._reuse.forget(run)

    def _apply(self, happening: Happening, points: list[MetricPoint], answers: list[tuple[Future[bool], bool]]) -> None:
        match happening:
            case TakeUp():
                if happening.run.id not in self._courses:
                    self._courses[happening.run.id] = _make_course(happening)
            case Cancel():
                answers.append((happening.answer, self._cancel(happening.run)))
            case Beat() | StepReport():
                points.extend(self._hear_of(happening))
            case Alarm() if happening.run in self._courses:
                self._courses[happening.run].ring(happening)

    def _cancel(self, run: str) -> bool:
        """Whether the run was still open. One that nobody has taken up yet ends by its records alone."""
        course = self._courses.get(run)
        if course is not None:
            return course.cancel()
        try:
            found = self._patiently(lambda: self._catalog.runs.get_run(run))
        except NotFound:
            return False
        if run_is_over(found.state):
            return False
        self._patiently(lambda: close_run(self._catalog, found, RunState.CANCELLED, "the run was cancelled"))
        return True

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
        for course in self._courses.values():
            course.explain(self._admission)

    def _write(self, points: list[MetricPoint]) -> None:
        """Make everything durable that the courses have decided; models get their numbers here."""
        steps: list[StepMove] = []
        runs: list[RunMove] = []
        for course in self._courses.values():
            moves = course.take_moves()
            steps.extend(moves.steps)
            runs.extend(moves.runs)
        if points:
            self._patiently(lambda: self._catalog.telemetry.add_metrics(tuple(points)))
        if not steps and not runs:
            return
        changes = ChangeSet(tuple(steps), tuple(runs))
        # However long the catalog is away: nothing may happen before it is on disk.
        result = self._patiently(lambda: self._catalog.runs.apply_changes(changes))
        self._reuse.remember(steps)
        for (run, node), version in result.models.items():
            self._courses[run].registered(node, version)
            self._on_registered(version)
        for run in _list_refused(result):
            self._read_again(self._courses[run], changes)

    def _read_again(self, course: Course, changes: ChangeSet) -> None:
        """Moves of a run were refused: what is written down is right, and the course follows it.

        It may say just what was to be written, when an answer of the catalog was lost. It says something else when the
        run was over before it was handed to us.
        """
        run = self._patiently(lambda: self._catalog.runs.get_run(course.run.id))
        steps = self._patiently(lambda: self._catalog.runs.list_steps(course.run.id))
        if course.agree(run, steps):
            self._hear_of_models(steps, changes)
            return
        _logger.warning("run %s is not as it was when it was handed over; going on from its records", run.id)
        for key in course.let_go():
            self._executor.stop(key)
            self._admission.release(key)
        del self._courses[run.id]
        if not run_is_over(run.state):
            under_way = self._patiently(lambda: list_under_way(self._catalog, run.id))
            self._courses[run.id] = _make_course(TakeUp(run, steps, course.plan, under_way, now()))

    def _hear_of_models(self, steps: Iterable[Step], changes: ChangeSet) -> None:
        """Tell of the versions that these moves have registered, when the catalog's own answer was lost."""
        keys = {(move.step.run, move.step.node) for move in changes.steps if move.model is not None}
        for step in steps:
            if (step.run, step.node) in keys:
                self._on_registered(self._find_version(step.outputs["model"]))

    def _find_version(self, reference: str) -> ModelVersion:
        return self._patiently(lambda: find_version(reference, self._catalog.models))

    def _note_alive(self) -> None:
        """Should everything be lost, what ran is known to have run until now."""
        clock = time.monotonic()
        if clock < self._sign_due or not any(course.is_running() for course in self._courses.values()):
            return
        self._sign_due = clock + SIGN_EVERY_S
        try:
            self._catalog.attempts.note_alive(now())
        except PlatformError as error:
            _logger.warning("the catalog is away: %s", error)

    def _act(self) -> None:
        starts: list[tuple[Course, Start]] = []
        for course in self._courses.values():
            for key in course.take_stops():
                self._executor.stop(key)
                self._admission.release(key)
            starts.extend((course, start) for start in course.take_starts())
            for alarm in course.take_alarms():
                heapq.heappush(self._alarms, alarm)
        self._start(starts)

    def _start(self, starts: list[tuple[Course, Start]]) -> None:
        """Hand attempts on, each with what earlier runs have left for it."""
        made = [(course, start, self._make_order(course, start)) for course, start in starts]
        sound = [(course, start, order) for course, start, order in made if order is not None]
        wanted = [(course.run, order) for course, _start, order in sound]
        found = self._patiently(lambda: self._reuse.find(wanted))
        for (course, start, _order), one in zip(sound, found, strict=True):
            course.note_why(start.key.node, one.why_run)
            self._executor.start(one.order, start.place)

    def _make_order(self, course: Course, start: Start) -> StepOrder | None:
        """None for an attempt that cannot even be handed on; it has failed."""
        try:
            return self._patiently(lambda: course.make_order(start.key, self._catalog.models, self._store))
        except WrongUse as error:
            self._admission.release(start.key)
            course.fail_start(start.key, str(error))
            return None

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        """The catalog's answer, however long it is away."""
        while True:
            try:
                return ask()
            except PlatformError as error:
                _logger.warning("waiting for the catalog: %s", error)
                time.sleep(CATALOG_PAUSE_S)


def _make_course(taken: TakeUp) -> Course:
    meter = Meter(taken.run, taken.plan, taken.under_way, taken.alive)
    return Course(taken.run, taken.steps, taken.plan, meter)


def _points(told: Beat | StepReport) -> Iterable[MetricPoint]:
    key = told.key
    for row in told.rows:
        for name, value in row.values.items():
            yield MetricPoint(key.run, key.node, key.attempt, name, row.position, value, row.at)


def _list_refused(result: ChangeResult) -> list[str]:
    """The runs with moves that were refused, each once."""
    return list(dict.fromkeys([*(run for run, _node in result.refused_steps), *result.refused_runs]))
