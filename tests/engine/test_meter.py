"""Attempts begin with the first sign of a worker, end with its report, and go with the moves of their steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dix.engine.course import Course
from dix.engine.machines import Place
from dix.engine.messages import Beat, Outcome, StepKey, StepReport
from dix.engine.meter import Meter
from dix.engine.plan import Plan, PlannedStep, Slice, Waiting
from dix.records.attempt import Allocated, Attempt, AttemptOutcome, Used
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState, StepState
from dix.records.step import Step
from tests.engine.test_course import planned, start, take_up

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
KEY = StepKey("r1", "a", 1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def make_meter(*under_way: Attempt, alive: datetime | None = None, **step: object) -> Meter:
    run = Run("r1", "f", 1, NOON, "vision", user="ada")
    return Meter(run, Plan("f", 1, (planned("a", **step), planned("b"))), under_way, alive)


def report(outcome: Outcome = Outcome.SUCCEEDED, started: float = 1, ended: float = 4, **more: object) -> StepReport:
    return StepReport(KEY, outcome, at(started), at(ended), **more)  # type: ignore[arg-type]


def written(course: Course) -> list[Attempt]:
    """The attempts that go with the moves of a course."""
    return [move.attempt for move in course.take_moves().steps if move.attempt is not None]


def test_an_attempt_has_what_it_holds_and_what_it_used() -> None:
    meter = make_meter(slice=Slice(2.0, 0.5, 2**30, disk_bytes=2**31, workers=2))
    meter.place(KEY, Place("node-3", "id3", "H100"))
    meter.end(report(used=Used(1.5, 2**20)))
    assert meter.take("a") == Attempt(
        "r1",
        "a",
        1,
        "vision",
        "ada",
        "f",
        at(1),
        "node-3",
        ended=at(4),
        outcome=AttemptOutcome.SUCCEEDED,
        allocated=Allocated(4.0, 1.0, "H100", 2**31, 2**32),
        used=Used(1.5, 2**20),
    )
    assert meter.take("a") is None


def test_a_second_first_beat_begins_nothing() -> None:
    meter = make_meter()
    meter.begin(KEY, at(1))
    assert meter.is_running()
    assert meter.take("a") is not None
    meter.begin(KEY, at(2))
    assert meter.take("a") is None
    meter.end(report(started=2))
    ended = meter.take("a")
    assert ended is not None
    assert ended.started == at(1)
    assert not meter.is_running()


def test_a_clock_that_goes_back_makes_no_time_to_be_paid_back() -> None:
    meter = make_meter()
    meter.begin(KEY, at(10))
    meter.end(report(ended=4))
    ended = meter.take("a")
    assert ended is not None
    assert ended.ended == ended.started == at(10)


def test_a_short_attempt_begins_and_ends_with_one_move() -> None:
    course = take_up(planned("a"))
    (key,) = start(course)
    course.end(StepReport(key, Outcome.SUCCEEDED, at(1), at(2)))
    assert [(one.started, one.ended, one.outcome) for one in written(course)] == [(at(1), at(2), "succeeded")]


def test_every_attempt_is_written_down_with_its_own_beginning() -> None:
    course = take_up(planned("a"))
    for number in (1, 2):
        (key,) = start(course)
        course.beat(Beat(key, at(10 * number)))
        assert [(one.attempt, one.ended) for one in written(course)] == [(number, None)]
        course.end(StepReport(key, Outcome.BROKEN, at(10 * number), at(10 * number + 5), error="lost"))
        (ended,) = written(course)
        assert (ended.attempt, ended.started, ended.ended) == (number, at(10 * number), at(10 * number + 5))
        assert (ended.outcome, ended.error) == (AttemptOutcome.BROKEN, "lost")
        course.ring(course.take_alarms()[0])


def test_a_timeout_ends_the_attempt_that_began_with_the_beat() -> None:
    course = take_up(planned("a", timeout_s=60.0))
    (key,) = start(course)
    course.beat(Beat(key, at(1)))
    course.ring(course.take_alarms()[0])
    begun, ended = written(course)
    assert begun.started == ended.started == at(1)
    assert (ended.outcome, ended.error) == (AttemptOutcome.FAILED, "it ran longer than its timeout of 60 s")


def test_a_cancelled_attempt_counts_if_somebody_had_worked_on_it() -> None:
    course = take_up(planned("a"), planned("b"))
    begun, _waiting = start(course)
    course.beat(Beat(begun, at(1)))
    course.take_moves()
    course.cancel()
    (ended,) = written(course)
    assert (ended.node, ended.outcome, ended.started) == ("a", AttemptOutcome.CANCELLED, at(1))
    assert not course.is_running()


def test_what_is_lost_in_a_crash_ends_with_the_last_sign_of_life() -> None:
    begun = Attempt("r1", "a", 2, "vision", "ada", "f", at(5), machine="node-1", allocated=Allocated(4.0))
    steps = (Step("r1", "a", StepState.RUNNING, 2, at(0)), Step("r1", "b"))
    for alive, end in ((at(65), at(65)), (at(3), at(5)), (None, at(5))):
        plan = Plan("f", 1, (planned("a"), planned("b")))
        run = Run("r1", "f", 1, NOON, state=RunState.RUNNING)
        course = Course(run, steps, plan, Meter(run, plan, (begun,), alive))
        (ended,) = written(course)
        assert (ended.started, ended.ended, ended.outcome) == (at(5), end, AttemptOutcome.BROKEN)
        assert (ended.machine, ended.allocated) == ("node-1", Allocated(4.0))


def test_the_last_look_for_a_path_is_an_attempt_that_failed_and_those_before_it_are_looks() -> None:
    waiting = Waiting(600, 5)
    course = take_up(PlannedStep("a", "data", waiting=waiting))
    (key,) = start(course)
    course.end(StepReport(key, Outcome.NOT_THERE, now(), now(), error="nothing lies there"))
    assert [one.outcome for one in written(course)] == [AttemptOutcome.NOT_THERE]
    late = Step("r1", "a", StepState.WAITING, 1, at(0))
    for step in (PlannedStep("a", "data", waiting=waiting), PlannedStep("a", "data")):
        course = take_up(step, records={"a": late}, state=RunState.RUNNING)
        (key,) = start(course)
        course.end(StepReport(key, Outcome.NOT_THERE, at(1), at(2), error="nothing lies there"))
        assert [one.outcome for one in written(course)] == [AttemptOutcome.FAILED]


def test_every_way_in_which_a_worker_ends_is_an_outcome_of_an_attempt() -> None:
    assert {outcome.value for outcome in Outcome} <= {outcome.value for outcome in AttemptOutcome}
