"""One run's decisions, step by step, without a loop, a clock that is waited for, or an executor."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dix.engine.admission import Admission
from dix.engine.course import Alarm, Course
from dix.engine.executor import Alive
from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, MetricRow, Outcome, Returned, StepKey, StepReport
from dix.engine.plan import Plan, PlannedStep, Retrying, Slice, Source, Waiting
from dix.engine.queueing import Queueing
from dix.records.change import ChangeSet
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import NEXT_OF_RUN, NEXT_OF_STEP, RunState, StepState
from dix.records.step import Step

NOW = now()


def planned(node: str, *above: str, **more: Any) -> PlannedStep:
    return PlannedStep(node, more.pop("kind", "algorithm"), inputs={one: Source(one, "data") for one in above}, **more)


def take_up(*steps: PlannedStep, records: dict[str, Step] | None = None, state: RunState = RunState.QUEUED) -> Course:
    """The course of a run; `records` are those steps that something has happened to."""
    run = Run("r1", "f", 1, NOW, state=state)
    known = records or {}
    return Course(run, [known.get(step.node, Step("r1", step.node)) for step in steps], Plan("f", 1, steps))


def roomy() -> Admission:
    return Admission([Machine("big", "m1", 100, 0, 2**50)])


def start(course: Course, admission: Admission | None = None) -> list[StepKey]:
    room = admission or roomy()
    while course.admit_next(room):
        pass
    return [start.key for start in course.take_starts()]


def admit(course: Course, admission: Admission, queueing: Queueing) -> None:
    while course.admit_next(admission):
        pass
    course.line_up(queueing, 0.0, yields=False)


def report(key: StepKey, outcome: Outcome = Outcome.SUCCEEDED, **more: Any) -> StepReport:
    error = None if outcome is Outcome.SUCCEEDED else "it broke"
    return StepReport(key, outcome, now(), now(), **{"error": error, **more})


def last(moves: ChangeSet, node: str) -> Step:
    return next(move.step for move in reversed(moves.steps) if move.step.node == node)


def check(moves: ChangeSet, course: Course) -> ChangeSet:
    """Every move must be one that the catalog would accept."""
    for move in moves.steps:
        same = move.expect is move.step.state
        assert move.step.state in NEXT_OF_STEP[move.expect] or (same and NEXT_OF_STEP[move.expect])
    for run_move in moves.runs:
        assert run_move.to in NEXT_OF_RUN[run_move.expect]
    return moves


def test_a_run_starts_goes_on_and_ends() -> None:
    course = take_up(planned("a"), planned("b", "a"))
    assert [key.node for key in start(course)] == ["a"]
    assert [move.to for move in check(course.take_moves(), course).runs] == [RunState.RUNNING]
    course.end(report(StepKey("r1", "a", 1), outputs={"data": "x"}))
    assert [str(key) for key in start(course)] == ["r1.b#1"]
    course.end(report(StepKey("r1", "b", 1)))
    moves = check(course.take_moves(), course)
    assert [(move.step.node, move.step.state) for move in moves.steps] == [("a", "succeeded"), ("b", "succeeded")]
    assert [move.to for move in moves.runs] == [RunState.SUCCEEDED]
    assert course.is_over()


@pytest.mark.parametrize("has_beaten", [False, True])
def test_a_step_that_an_earlier_one_stands_for_takes_over_what_that_left(has_beaten: bool) -> None:
    course = take_up(planned("a"), planned("b", "a"))
    (key,) = start(course)
    course.note_why("a", "no earlier run has left its outputs")
    if has_beaten:
        course.beat(Beat(key, now()))
    earlier = Step(
        "r0",
        "old",
        StepState.SUCCEEDED,
        3,
        outputs={"data": "x"},
        digests={"data": "d"},
        metrics={"rows": 2},
        failures=2,
    )
    course.end(report(key, Outcome.CACHED, error=None, taken=earlier))
    step = last(check(course.take_moves(), course), "a")
    assert (step.run, step.node, step.state, step.attempt, step.failures) == ("r1", "a", StepState.CACHED, 1, 0)
    assert (step.outputs, step.digests, step.metrics) == (earlier.outputs, earlier.digests, earlier.metrics)
    assert (step.reason, step.origin, step.why_run) == ("unchanged since run r0", "r0", None)
    assert [key.node for key in start(course)] == ["b"]


def test_pauses_grow_by_the_backoff() -> None:
    course = take_up(planned("a", retrying=Retrying(3, 10.0, 2.0)))
    for attempt, pause_s in ((1, 10), (2, 20), (3, 40)):
        (key,) = start(course)
        assert key.attempt == attempt
        clock = time.monotonic()
        course.end(report(key, Outcome.FAILED))
        (alarm,) = course.take_alarms()
        assert alarm.at - clock == pytest.approx(pause_s, abs=0.5)
        step = last(check(course.take_moves(), course), "a")
        assert (step.state, step.attempt, step.failures) == (StepState.WAITING, attempt, attempt)
        assert step.reason == f"attempt {attempt} failed: it broke; attempt {attempt + 1} follows in {pause_s} s"
        assert not start(course), "it goes before its pause is over"
        course.ring(alarm)
    (key,) = start(course)
    course.end(report(key, Outcome.FAILED))
    assert last(check(course.take_moves(), course), "a").state is StepState.FAILED


def test_a_pause_has_an_end_whatever_the_backoff_is() -> None:
    assert Retrying(1000, 3600.0, 100.0).pause_s(999) == 86_400
    assert Retrying(1, 0.0, 1.0).pause_s(1) == 0


def test_breakages_and_failures_are_counted_apart() -> None:
    course = take_up(planned("a", retrying=Retrying(1)))
    outcomes = [Outcome.BROKEN, Outcome.FAILED, Outcome.BROKEN, Outcome.BROKEN]
    for attempt, outcome in enumerate(outcomes, start=1):
        (key,) = start(course)
        assert key.attempt == attempt
        course.end(report(key, outcome))
        course.ring(course.take_alarms()[-1])
    (key,) = start(course)
    course.end(report(key, Outcome.BROKEN))
    step = last(check(course.take_moves(), course), "a")
    assert (step.state, step.attempt, step.failures) == (StepState.FAILED, 5, 1)


def test_a_timeout_counts_from_the_first_beat_of_its_attempt() -> None:
    course = take_up(planned("a", timeout_s=60.0, retrying=Retrying(1)))
    (key,) = start(course)
    assert not course.take_alarms()
    clock = time.monotonic()
    course.beat(Beat(key, now() - timedelta(seconds=20)))
    (alarm,) = course.take_alarms()
    assert alarm.at - clock == pytest.approx(40, abs=0.5)
    course.ring(alarm)
    assert course.take_stops() == [key]
    assert not course.is_current(key)
    (pause,) = course.take_alarms()
    course.ring(alarm)  # an alarm that has rung means nothing
    assert not start(course)
    course.ring(pause)
    (second,) = start(course)
    course.beat(Beat(second, now()))
    (limit,) = course.take_alarms()
    course.ring(alarm)
    assert course.is_current(second)
    course.end(report(second))
    course.ring(limit)
    assert course.is_over()
    assert last(check(course.take_moves(), course), "a").state is StepState.SUCCEEDED


def test_the_alarm_of_one_look_does_not_end_a_later_one() -> None:
    course = take_up(planned("a", kind="data", waiting=Waiting(600, 5), timeout_s=60.0))
    (look,) = start(course)
    course.beat(Beat(look, now()))
    (limit,) = course.take_alarms()
    course.end(report(look, Outcome.NOT_THERE))
    (pause,) = course.take_alarms()
    course.ring(limit)
    assert not start(course), "the timeout of the first look ended the pause"
    course.ring(pause)
    (second,) = start(course)
    course.ring(limit)
    assert course.is_current(second)


def test_looks_are_one_attempt_and_the_last_is_at_the_end() -> None:
    course = take_up(planned("a", kind="data", waiting=Waiting(7, 5)))
    for _ in range(2):
        (key,) = start(course)
        assert key.attempt == 1
        clock = time.monotonic()
        course.end(report(key, Outcome.NOT_THERE))
        (alarm,) = course.take_alarms()
        assert alarm.at - clock < 5.1
        course.ring(alarm)
    step = last(check(course.take_moves(), course), "a")
    assert (step.state, step.attempt, step.failures) == (StepState.WAITING, 0, 0)
    late = take_up(
        planned("a", kind="data", waiting=Waiting(7, 5)),
        records={"a": replace(step, started=now() - timedelta(seconds=6))},
        state=RunState.RUNNING,
    )
    (key,) = start(late)
    clock = time.monotonic()
    late.end(report(key, Outcome.NOT_THERE))
    (alarm,) = late.take_alarms()
    assert alarm.at - clock == pytest.approx(1, abs=0.5)


def test_beats_without_news_are_not_written_down() -> None:
    course = take_up(planned("a"))
    (key,) = start(course)
    course.take_moves()
    course.beat(Beat(key, now(), 0.5, (MetricRow(1, {"loss": 2.0}, now()),)))
    assert len(check(course.take_moves(), course).steps) == 1
    course.beat(Beat(key, now(), 0.5))
    assert course.take_moves() == ChangeSet()
    course.beat(Beat(key, now(), 0.6))
    step = last(check(course.take_moves(), course), "a")
    assert (step.progress, step.metrics) == (0.6, {"loss": 2.0})


def test_a_failed_attempt_leaves_its_last_numbers() -> None:
    course = take_up(planned("a"))
    (key,) = start(course)
    course.end(report(key, Outcome.FAILED, rows=(MetricRow(1, {"loss": 2.0}, now()),), trace="Traceback"))
    step = last(check(course.take_moves(), course), "a")
    assert (step.state, step.metrics, step.trace) == (StepState.FAILED, {"loss": 2.0}, "Traceback")


def test_cancelling_ends_all_that_is_open_and_nothing_else() -> None:
    course = take_up(planned("a"), planned("b"), planned("c", "a"))
    admission = Admission([Machine("small", "m1", 1, 0, 2**40)])
    (done,) = start(course, admission)
    course.end(report(done))
    admission.release(done)
    (running,) = start(course, admission)
    course.take_moves()
    assert course.cancel()
    assert course.take_stops() == [running]
    moves = check(course.take_moves(), course)
    assert {move.step.node: move.step.state for move in moves.steps} == {"b": "cancelled", "c": "cancelled"}
    assert [move.to for move in moves.runs] == [RunState.CANCELLED]
    assert course.is_over()
    assert not course.cancel()
    assert course.take_moves() == ChangeSet()


def test_who_waits_for_a_card_does_not_hold_up_who_wants_a_core() -> None:
    cards = [planned(f"g{i}", slice=Slice(1, 1)) for i in range(100)]
    cores = [planned(f"c{i}", slice=Slice(1)) for i in range(100)]
    course = take_up(*cards, *cores)
    admission = Admission([Machine("card", "m1", 4, 1, 2**40)])
    started = [key.node for key in start(course, admission)]
    assert [node for node in started if node.startswith("c")][:3] == ["c0", "c1", "c2"]
    admission.release(StepKey("r1", "c0", 1))
    course.end(report(StepKey("r1", "c0", 1)))
    assert [key.node[0] for key in start(course, admission)] == ["c"]


def test_an_attempt_that_was_under_way_is_lost_in_a_restart_and_repeated() -> None:
    record = Step("r1", "a", StepState.RUNNING, attempt=2, started=NOW, failures=1)
    course = take_up(planned("a", retrying=Retrying(1)), records={"a": record}, state=RunState.RUNNING)
    step = last(check(course.take_moves(), course), "a")
    assert (step.state, step.failures, step.started) == (StepState.WAITING, 1, NOW)
    assert (step.reason or "").startswith("attempt 2 failed: the engine was started anew while it ran; attempt 3")
    course.ring(course.take_alarms()[0])
    (key,) = start(course)
    assert key.attempt == 3
    course.end(report(key, Outcome.FAILED))
    assert last(course.take_moves(), "a").state is StepState.FAILED, "the failure before the restart is forgotten"


def test_a_step_that_the_platform_loses_again_and_again_fails_also_across_restarts() -> None:
    record = Step("r1", "a", StepState.RUNNING, attempt=4, started=NOW)
    course = take_up(planned("a"), planned("b", "a"), records={"a": record}, state=RunState.RUNNING)
    moves = check(course.take_moves(), course)
    assert (last(moves, "a").state, last(moves, "b").state) == (StepState.FAILED, StepState.SKIPPED)
    assert [move.to for move in moves.runs] == [RunState.FAILED]


@pytest.mark.parametrize(("outcome", "following"), [(Outcome.NOT_THERE, 1), (Outcome.BROKEN, 2), (Outcome.FAILED, 2)])
def test_a_look_for_a_path_is_no_attempt_and_a_failure_is_one_also_after_a_restart(
    outcome: Outcome, following: int
) -> None:
    step = planned("a", kind="data", waiting=Waiting(600, 5), retrying=Retrying(1))
    course = take_up(step)
    (key,) = start(course)
    course.end(report(key, outcome))
    record = last(check(course.take_moves(), course), "a")
    (key,) = start(take_up(step, records={"a": record}, state=RunState.RUNNING))
    assert key.attempt == following


def test_a_run_whose_steps_are_over_ends_when_it_is_taken_up() -> None:
    records = {"a": Step("r1", "a", StepState.SUCCEEDED), "b": Step("r1", "b", StepState.FAILED, error="no")}
    course = take_up(planned("a"), planned("b"), records=records, state=RunState.RUNNING)
    (move,) = check(course.take_moves(), course).runs
    assert (move.to, move.error) == (RunState.FAILED, "b: no")
    assert course.is_over()


def test_a_run_that_is_all_cached_succeeds_at_once() -> None:
    records = {"a": Step("r1", "a", StepState.CACHED)}
    moves = check(take_up(planned("a"), records=records).take_moves(), take_up(planned("a")))
    assert [move.to for move in moves.runs] == [RunState.RUNNING, RunState.SUCCEEDED]


def test_the_error_of_a_run_names_the_first_steps_and_counts_the_others() -> None:
    course = take_up(*(planned(f"n{i}") for i in range(5)))
    for key in start(course):
        course.end(report(key, Outcome.FAILED))
    assert course.take_moves().runs[-1].error == "n0: it broke; n1: it broke; n2: it broke; and 2 more"


def test_a_model_travels_with_the_move_that_ends_its_step() -> None:
    course = take_up(planned("a", model_name="m"))
    (key,) = start(course)
    draft = ModelDraft("m", "file:///x", {})
    course.end(report(key, model=draft))
    (move,) = course.take_moves().steps
    assert (move.model, move.step.progress) == (draft, 1.0)


def test_records_that_say_the_same_are_taken_over() -> None:
    course = take_up(planned("a", model_name="m"), planned("b", "a"))
    (key,) = start(course)
    course.end(report(key, model=ModelDraft("m", "file:///x", {})))
    course.take_moves()
    run = replace(course.run, state=RunState.RUNNING)
    written = Step("r1", "a", StepState.SUCCEEDED, outputs={"model": "models:/m/1"})
    assert course.agree(run, [written, Step("r1", "b")])
    assert not course.agree(run, [replace(written, state=StepState.FAILED), Step("r1", "b")])
    assert not course.agree(replace(run, state=RunState.CANCELLED), [written, Step("r1", "b")])


def test_alarms_ring_in_the_order_of_their_moments() -> None:
    assert min(Alarm(2.0, "a", "a", 1), Alarm(1.0, "z", "z", 9)).run == "z"


def test_short_steps_of_a_run_stand_behind_each_other_and_inherit_the_slots() -> None:
    course = take_up(*(planned(node, algorithm="noop") for node in "abc"))
    tight, queueing = Admission([Machine("small", "m1", 1, 0, 2**40)]), Queueing()
    queueing.learn(course.kind("a"), 0.01)
    admit(course, tight, queueing)
    starts = course.take_starts()
    a, b, _c = (start.key for start in starts)
    assert [start.after for start in starts] == [None, a, b]
    assert {start.place.id for start in starts} == {"m1"}


def test_a_queued_attempt_that_returns_goes_again_under_the_same_number() -> None:
    course = take_up(planned("a"))
    [key] = start(course)
    course.go_again(Returned(key))
    assert not course.is_current(key)
    assert start(course) == [key]
    course.end(report(key))
    assert course.is_over()


def test_one_whose_host_died_goes_again_with_nobody_before_or_behind_it() -> None:
    course = take_up(*(planned(node, algorithm="noop") for node in "ab"))
    tight, queueing = Admission([Machine("small", "m1", 1, 0, 2**40)]), Queueing()
    queueing.learn(course.kind("a"), 0.01)
    admit(course, tight, queueing)
    a, b = (start.key for start in course.take_starts())
    queueing.leave(b, 0.0)
    course.go_again(Returned(b, alone=True))
    admit(course, tight, queueing)
    assert course.take_starts() == [], "it does not stand behind a"
    tight.release(a)
    queueing.leave(a, 0.0)
    admit(course, tight, queueing)
    assert [start.key for start in course.take_starts()] == [b]
    assert queueing.find(course.group("a"), course.kind("a"), 0.0) is None


def test_an_attempt_that_outlived_the_engine_goes_on() -> None:
    run = Run("r1", "f", 1, NOW, state=RunState.RUNNING)
    steps = [Step("r1", "a", state=StepState.RUNNING, attempt=2, failures=1, started=NOW), Step("r1", "b")]
    plan = Plan("f", 1, (planned("a", timeout_s=60.0), planned("b")))
    place = Place("big", "m1")
    alive = [Alive(StepKey("r1", "a", 2), place, "host-1", NOW), Alive(StepKey("r1", "b", 1), place, "host-2", None)]
    course = Course(run, steps, plan, alive=alive)
    assert course.is_current(StepKey("r1", "a", 2))
    assert course.is_current(StepKey("r1", "b", 1))
    assert start(course) == []
    [alarm] = course.take_alarms()
    assert alarm.node == "a", "its timeout goes on from when it began"
    assert alarm.at <= time.monotonic() + 60
    course.end(report(StepKey("r1", "b", 1)))
    course.end(report(StepKey("r1", "a", 2)))
    moves = check(course.take_moves(), course)
    assert [(last(moves, node).state, last(moves, node).attempt) for node in "ab"] == [
        (StepState.SUCCEEDED, 2),
        (StepState.SUCCEEDED, 1),
    ]


def test_an_attempt_of_the_past_is_not_taken_for_the_one_that_is_due() -> None:
    run = Run("r1", "f", 1, NOW, state=RunState.RUNNING)
    steps = [Step("r1", "a", state=StepState.WAITING, attempt=1, failures=1)]
    course = Course(
        run, steps, Plan("f", 1, (planned("a"),)), alive=[Alive(StepKey("r1", "a", 1), Place("big", "m1"), "h")]
    )
    assert not course.is_current(StepKey("r1", "a", 1))
    assert start(course) == [StepKey("r1", "a", 2)]
