"""The one loop: it hears what happened, asks the boards what follows, writes that down, and then acts on it.

Everything that changes a run passes through here, in one thread. A round takes all that has happened since the last
one, commits the moves as a group, and only then starts steps: a step's result is on disk before its dependents start.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from dix.catalog.base import Catalog
from dix.engine.admission import Admission
from dix.engine.alarms import Alarm, Alarms
from dix.engine.closing import close_run, list_under_way
from dix.engine.course import Course, Start
from dix.engine.entrance import ONE_RUN, Entrance, TakeUp
from dix.engine.executor import Alive, Executor
from dix.engine.making import Making
from dix.engine.messages import Beat, Outcome, Returned, StepKey, StepOrder, StepReport
from dix.engine.meter import Meter
from dix.engine.orders import find_version, give_secrets
from dix.engine.queueing import Queueing
from dix.engine.reuse import Reuse
from dix.engine.rounds import give_out
from dix.engine.surroundings import look_around
from dix.engine.wishes import Cancel, ReadProjects, SetPriority, TellUsage
from dix.errors import NotFound, PlatformError, WrongUse
from dix.logs import get_logger
from dix.quota.book import QuotaBook
from dix.records.change import ChangeResult, ChangeSet, RunMove, StepMove
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelVersion
from dix.records.moments import now
from dix.records.states import RunState, run_is_over
from dix.records.step import Step
from dix.store.options import StoreOptions

REASONS_EVERY_S = 0.5  # how often the reasons of waiting steps are looked at again
RESIZE_EVERY_S = 5.0
MEASURE_EVERY_S = 30.0  # what is written over counts twice for so long
SIGN_EVERY_S = 1.0  # how exactly the end of what is lost with everything else is known
# While the hosts have their next steps before them, what happens is gathered for so long: to write down a few moves
# costs nearly as much as to write down a hundred.
GATHER_S = 0.01
CATALOG_PAUSE_S = 0.5
_LONGEST_SLEEP_S = 3600.0

_Answer = TypeVar("_Answer")
_logger = get_logger("engine")


@dataclass(frozen=True, slots=True)
class Look:
    """Nothing has happened but that there may be room now."""


Happening = (
    TakeUp | Cancel | SetPriority | ReadProjects | TellUsage | Alarm | Beat | StepReport | Returned | Look | None
)


class Runner:
    """Owns the runs that are not over. `hear` may be called from any thread; the rest happens in `run_loop`."""

    def __init__(
        self,
        catalog: Catalog,
        store: StoreOptions,
        on_registered: Callable[[ModelVersion], None],
        on_news: Callable[[Iterable[str], Iterable[str]], None] = lambda _ended, _measured: None,
    ) -> None:
        """`on_registered` is told of every model version that a step's success has registered.

        `on_news` is told which runs have ended, and of which numbers were written down.
        """
        self._catalog = catalog
        self._store = store
        self._on_registered = on_registered
        self._on_news = on_news
        self._reuse = Reuse(catalog, look_around(store.url))
        self._happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._courses: dict[str, Course] = {}
        self._entrance = Entrance()
        self._early: dict[str, int] = {}  # priorities of runs that have not been taken up yet
        self._run_moves: list[RunMove] = []  # of runs that have no course yet
        self._answers: list[Callable[[], None]] = []  # given when what was decided is on disk
        self._stops: list[StepKey] = []
        self._alarms = Alarms(self._is_set)
        self._queueing = Queueing()
        self._making = Making()
        self._alive: dict[str, list[Alive]] = {}  # found at the start and not taken up yet, by run
        self._to_acknowledge: list[StepKey] = []
        self._reasons_due = 0.0
        self._resize_due = 0.0
        self._sign_due = 0.0
        self._has_overwritten = False  # perhaps, what an earlier step has left; set until it is measured anew
        self._measure_due = 0.0

    def hear(self, happening: Happening) -> None:
        """Something happened; None ends the loop."""
        self._happenings.put(happening)

    def on_beat(self, beat: Beat) -> None:
        """As a `Listener` of the executor."""
        self.hear(beat)

    def on_end(self, report: StepReport) -> None:
        """As a `Listener` of the executor."""
        self.hear(report)

    def on_return(self, returned: Returned) -> None:
        """As a `Listener` of the executor."""
        self.hear(returned)

    def run_loop(self, executor: Executor) -> None:
        """Go on until `hear(None)`; runs that were heard of before it starts find their attempts that are alive."""
        self.begin(executor)
        happenings = self._drain()
        while None not in happenings:
            self._do_round(happenings)
            happenings = self._wait()

    def begin(self, executor: Executor) -> None:
        """The first thing that the loop does."""
        self._executor = executor
        self._admission = Admission(executor.capacity(), self._open_book())
        self._patiently(self._reuse.read_keys)
        for alive in executor.find_alive():
            self._alive.setdefault(alive.key.run, []).append(alive)

    def do_what_is_due(self) -> None:
        """One round, without waiting for anything."""
        self._do_round(self._drain())

    def _stop_strays(self) -> None:
        """What nobody has taken up is of runs that are over."""
        for alive in (one for line in self._alive.values() for one in line if one.started is not None):
            self._executor.stop(alive.key)
        self._alive.clear()

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
        with contextlib.suppress(queue.Empty):
            happenings.append(self._happenings.get(timeout=self._patience_s()))
            if self._queueing.has_queued():
                time.sleep(GATHER_S)
        return happenings + self._drain()

    def _drain(self) -> list[Happening]:
        """What has happened and what is due, without waiting for anything."""
        happenings: list[Happening] = []
        with contextlib.suppress(queue.Empty):
            while True:
                happenings.append(self._happenings.get_nowait())
        return happenings + self._alarms.take_due(time.monotonic())

    def _is_set(self, alarm: Alarm) -> bool:
        return alarm.run in self._courses and self._courses[alarm.run].is_set(alarm)

    def _patience_s(self) -> float | None:
        known = self._alarms.next_at(), self._queueing.next_overdue()
        moments = [moment for moment in known if moment is not None]
        if self._entrance or any(course.has_waiting() for course in self._courses.values()):
            moments.append(self._reasons_due)
        if any(course.is_running() for course in self._courses.values()):
            moments.append(self._sign_due)
        if self._has_overwritten:
            moments.append(self._measure_due)
        return min(_LONGEST_SLEEP_S, max(0.0, min(moments) - time.monotonic())) if moments else None

    def _open_book(self) -> QuotaBook:
        """The quotas, with what is in the store already; what runs is counted as it is taken up."""
        book = QuotaBook(self._patiently(self._catalog.projects.list_projects))
        self._measure_stored(book)
        return book

    def _measure_stored(self, book: QuotaBook) -> None:
        """Count what is in the store, as it is on disk now; what was written over counts no more."""
        stored = self._patiently(self._catalog.projects.measure_stored)
        for project in {*book.list_projects(), *stored}:
            book.add(project, {"disk": stored.get(project, 0) - book.used(project, "disk")})

    def _measure_again(self) -> None:
        """Once what has been heard is on disk; not often, since all that there is has to be added up."""
        clock = time.monotonic()
        if self._has_overwritten and clock >= self._measure_due:
            self._has_overwritten, self._measure_due = False, clock + MEASURE_EVERY_S
            self._measure_stored(self._admission.quotas)

    def _do_round(self, happenings: list[Happening]) -> None:
        points: list[MetricPoint] = []
        for happening in happenings:
            self._apply(happening, points)
        self._stop_strays()
        self._free_stopped()
        for taken in self._entrance.let_in(self._admission.quotas):
            self._courses[taken.run.id] = _make_course(taken)
        give_out(self._courses, self._admission)
        self._free_stopped()
        self._line_up()
        self._look_at_reasons()
        self._write(points)
        if points:
            self._on_news((), {point.run for point in points})
        self._measure_again()
        answers, self._answers = self._answers, []
        for answer in answers:
            answer()
        self._act()
        self._write([])
        self._set_alarms()
        self._note_alive()
        self._close_courses()

    def _line_up(self) -> None:
        clock = time.monotonic()
        waiting = [run for run, course in self._courses.items() if course.has_ready()]
        for run, course in self._courses.items():
            if self._admission.quotas.is_over(course.run.project):  # what is queued would go on without asking
                continue
            course.line_up(self._queueing, clock, yields=waiting not in ([], [run]))

    def _apply(self, happening: Happening, points: list[MetricPoint]) -> None:
        match happening:
            case TakeUp():
                self._take_up(happening)
            case Cancel():
                self._answer(happening.answer, self._cancel(happening.run))
            case SetPriority():
                self._answer(happening.answer, self._set_priority(happening.run, happening.priority))
            case ReadProjects():
                self._read_projects()
                self._answer(happening.answer, True)
            case TellUsage():
                book = self._admission.quotas
                self._answer(happening.answer, {name: book.list_used(name) for name in book.list_projects()})
            case Beat() | StepReport():
                points.extend(self._hear_of(happening))
            case Returned():
                self._take_again(happening)
            case Alarm() if happening.run in self._courses:
                self._courses[happening.run].ring(happening)

    def _answer(self, answer: Future[_Answer], value: _Answer) -> None:
        self._answers.append(lambda: answer.set_result(value))

    def _take_up(self, taken: TakeUp) -> None:
        run = taken.run
        if run.id in self._courses or run.id in self._entrance:
            return
        if run.state is RunState.QUEUED:
            self._entrance.add(taken)
            if run.id in self._early:
                self._set_priority(run.id, self._early.pop(run.id))
            return
        self._admission.quotas.take(run.id, run.project, run.id, run.priority, ONE_RUN)
        alive = self._alive.pop(run.id, [])
        course = self._courses[run.id] = _make_course(taken, alive)
        self._go_on(course, alive)

    def _go_on(self, course: Course, alive: Iterable[Alive]) -> None:
        """What is alive of a run keeps its slots, each line of it those of one."""
        clock, last = time.monotonic(), dict[str, StepKey]()
        for one in alive:
            key, node = one.key, one.key.node
            if not course.is_current(key):
                if one.started is not None:
                    self._executor.stop(key)
                continue
            if one.line in last:
                self._queueing.join(key, last[one.line], course.kind(node))
            else:
                self._admission.adopt(key, course.slice(node), course.claim, one.place)
                self._queueing.open(key, course.group(node), course.kind(node), clock)
            last[one.line] = key

    def _take_again(self, returned: Returned) -> None:
        course = self._courses.get(returned.key.run)
        self._vacate(returned.key)
        if course is not None and course.is_current(returned.key):
            course.go_again(returned)

    def _vacate(self, key: StepKey) -> None:
        """An attempt is none any more: its slots go to the one behind it, or are free.

        Where they are somebody else's already, because they were borrowed, the one behind it is stopped as well: it may
        have begun, if the report of the one before it is on its way.
        """
        for waiting in self._making.end(key):
            if waiting.run in self._courses:
                self._courses[waiting.run].go_on_deferred(waiting.node)
        heir = self._queueing.leave(key, time.monotonic())
        if heir is None:
            self._admission.release(key)
        elif not self._admission.pass_on(key, heir):
            self._courses[heir.run].give_back_heir(heir, key)

    def _read_projects(self) -> None:
        """New quotas hold from now on: what is queued in a project that has less than it uses is not begun."""
        self._admission.quotas.set_projects(self._patiently(self._catalog.projects.list_projects))
        over = {run for run, one in self._courses.items() if self._admission.quotas.is_over(one.run.project)}
        self._executor.take_back(self._queueing.list_behind(over))

    def _set_priority(self, run: str, priority: int) -> bool:
        """Whether the run was still open. One that nobody has taken up yet gets it when it is."""
        course = self._courses.get(run)
        if course is not None:
            course.set_priority(priority)
            self._admission.quotas.set_priority(run, priority)
            return True
        move = self._entrance.set_priority(run, priority)
        if move is not None:
            self._run_moves.append(move)
            return True
        found = self._patiently(lambda: self._catalog.runs.get_run(run))
        if run_is_over(found.state):
            return False
        self._early[run] = priority
        self._run_moves.append(RunMove(run, found.state, found.state, now(), priority=priority))
        return True

    def _cancel(self, run: str) -> bool:
        """Whether the run was still open. One that has no course yet ends by its records alone."""
        course = self._courses.get(run)
        if course is not None:
            return course.cancel()
        self._entrance.remove(run)
        try:
            found = self._patiently(lambda: self._catalog.runs.get_run(run))
        except NotFound:
            return False
        if run_is_over(found.state):
            return False
        self._patiently(lambda: close_run(self._catalog, found, RunState.CANCELLED, "the run was cancelled"))
        self._on_news([run], ())
        return True

    def _free_stopped(self) -> None:
        """The slots of attempts that are to be stopped are free at once; they are stopped once that is on disk."""
        for course in self._courses.values():
            while stops := course.take_stops():  # which may stop others of the same run
                for key in stops:
                    self._stops.append(key)
                    self._vacate(key)

    def _close_courses(self) -> None:
        over = [run for run, course in self._courses.items() if course.is_over()]
        for run in over:
            del self._courses[run]
            self._admission.quotas.release(run)
            self._reuse.forget(run)
        if over:
            self._on_news(over, ())
        if over and self._entrance:
            self.hear(Look())

    def _hear_of(self, told: Beat | StepReport) -> Iterable[MetricPoint]:
        course = self._courses.get(told.key.run)
        is_current = course is not None and course.is_current(told.key)
        if isinstance(told, StepReport):
            if told.outcome is Outcome.SUCCEEDED and told.fingerprint is None:
                self._making.forgo(told.key)
            self._vacate(told.key)
            self._to_acknowledge.append(told.key)
        if course is None or not is_current:
            # A beat that comes late, because the supervisor was away, still tells the truth about its attempt.
            return _points(told) if isinstance(told, Beat) else ()
        if isinstance(told, StepReport):
            if told.outcome is Outcome.BROKEN:
                self._resize_due = 0.0  # its machine may be gone
            if told.outcome is Outcome.SUCCEEDED:
                self._queueing.learn(course.kind(told.key.node), (told.ended - told.started).total_seconds())
            course.end(told)
            self._admission.quotas.add(course.run.project, {"disk": float(told.stored_bytes)})
            self._has_overwritten |= bool(told.stored_bytes) and course.plan.step(told.key.node).output is not None
        else:
            course.beat(told)
        return _points(told)

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
        self._run_moves += self._entrance.explain(self._admission.quotas)

    def _write(self, points: list[MetricPoint]) -> None:
        """Make everything durable that the courses have decided; models get their numbers here."""
        steps: list[StepMove] = []
        runs, self._run_moves = self._run_moves, []
        for course in self._courses.values():
            moves = course.take_moves()
            steps.extend(moves.steps)
            runs.extend(moves.runs)
        if points:
            self._patiently(lambda: self._catalog.telemetry.add_metrics(tuple(points)))
        if not steps and not runs:
            return
        changes, request = ChangeSet(tuple(steps), tuple(runs)), uuid.uuid4().hex
        # However long the catalog is away: nothing may happen before it is on disk. One whose answer was lost is known
        # by its request.
        result = self._patiently(lambda: self._catalog.runs.apply_changes(changes, request=request))
        self._reuse.remember(steps)
        for (run, node), version in result.models.items():
            self._courses[run].registered(node, version)
            self._on_registered(version)
        for run in _list_refused(result):
            if run in self._courses:
                self._read_again(self._courses[run], changes)

    def _read_again(self, course: Course, changes: ChangeSet) -> None:
        """Moves of a run were refused: what is written down is right, and the course follows it.

        It may say just what was to be written, when an engine before this one had sent it and then died. It says
        something else when the run was over before it was handed to us.
        """
        run = self._patiently(lambda: self._catalog.runs.get_run(course.run.id))
        steps = self._patiently(lambda: self._catalog.runs.list_steps(course.run.id))
        if course.agree(run, steps):
            self._hear_of_models(steps, changes)
            return
        _logger.warning("run %s is not as it was when it was handed over; going on from its records", run.id)
        for key in course.let_go():
            self._executor.stop(key)
            self._vacate(key)
        del self._courses[run.id]
        self._admission.quotas.release(run.id)
        if not run_is_over(run.state):
            self._admission.quotas.take(run.id, run.project, run.id, run.priority, ONE_RUN)
            under_way = self._patiently(lambda: list_under_way(self._catalog, run.id))
            self._courses[run.id] = _make_course(TakeUp(run, steps, course.plan, under_way, now()))

    def _hear_of_models(self, steps: Iterable[Step], changes: ChangeSet) -> None:
        """Tell of the versions that these moves would have registered, and others have."""
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
        for key in self._to_acknowledge:
            self._executor.acknowledge(key)
        self._to_acknowledge.clear()
        self._executor.take_back(self._queueing.list_overdue(time.monotonic()))
        stops, self._stops = self._stops, []
        for key in stops:
            self._executor.stop(key)
        starts: list[tuple[Course, Start]] = []
        for course in self._courses.values():
            starts.extend((course, start) for start in course.take_starts())
        self._start(starts)

    def _set_alarms(self) -> None:
        """Last in a round: an attempt that could not even be handed on has its pause as well."""
        for course in self._courses.values():
            self._alarms.add(course.take_alarms())

    def _start(self, starts: list[tuple[Course, Start]]) -> None:
        """Hand attempts on, each with what earlier runs have left for it."""
        made = [(course, start, self._make_order(course, start)) for course, start in starts]
        sound = [(course, start, order) for course, start, order in made if order is not None]
        wanted = [(course.run, order) for course, _start, order in sound]
        found = self._patiently(lambda: self._reuse.find(wanted))
        for (course, start, _order), one in zip(sound, found, strict=True):
            if self._defer(course, start, one.order):
                continue
            course.note_why(start.key.node, one.why_run)
            self._executor.start(one.order, start.place, start.after)

    def _defer(self, course: Course, start: Start, order: StepOrder) -> bool:
        """Whether another run makes the same right now, so that the step waits for it, without its slots."""
        if order.fingerprint is None or order.candidates or not course.run.cache:
            return False
        maker = self._making.begin(start.key, order.fingerprint.digest)
        if maker is None:
            return False
        self._vacate(start.key)
        course.defer(start.key, maker)
        return True

    def _make_order(self, course: Course, start: Start) -> StepOrder | None:
        """None for an attempt that cannot even be handed on; it has failed."""
        try:
            order = self._patiently(lambda: course.make_order(start.key, self._catalog.models, self._store))
            return self._patiently(lambda: give_secrets(order, course.run.project, self._catalog.secrets))
        except WrongUse as error:
            self._vacate(start.key)
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


def _make_course(taken: TakeUp, alive: Iterable[Alive] = ()) -> Course:
    meter = Meter(taken.run, taken.plan, taken.under_way, taken.alive)
    return Course(taken.run, taken.steps, taken.plan, meter, alive)


def _points(told: Beat | StepReport) -> Iterable[MetricPoint]:
    key = told.key
    for row in told.rows:
        for name, value in row.values.items():
            yield MetricPoint(key.run, key.node, key.attempt, name, row.position, value, row.at)


def _list_refused(result: ChangeResult) -> list[str]:
    """The runs with moves that were refused, each once."""
    return list(dict.fromkeys([*(run for run, _node in result.refused_steps), *result.refused_runs]))
