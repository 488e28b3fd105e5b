"""What one run makes, another one that needs the same waits for."""

from __future__ import annotations

from dix.engine.making import Making
from dix.engine.messages import StepKey
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop
from tests.engine.oddities import Gate
from tests.engine.test_runner import flow, odd

A, B, C = StepKey("r1", "a", 1), StepKey("r2", "a", 1), StepKey("r3", "a", 1)


def test_the_second_waits_for_the_first_and_is_told_of_its_end() -> None:
    making = Making()
    assert making.begin(A, "d") is None
    assert making.begin(B, "d") == A
    assert making.begin(C, "other") is None
    assert making.end(A) == [B]
    assert making.end(A) == []
    assert making.begin(B, "d") is None


def test_steps_of_one_run_do_not_wait_for_each_other() -> None:
    making = Making()
    making.begin(A, "d")
    twin = StepKey("r1", "b", 1)
    assert making.begin(twin, "d") is None
    assert making.end(twin) == []
    assert making.begin(B, "d") == A


def test_nobody_waits_again_for_what_others_cannot_use() -> None:
    making = Making()
    making.begin(A, "d")
    making.begin(B, "d")
    making.forgo(A)
    assert making.end(A) == [B]
    assert making.begin(B, "d") is None
    assert making.begin(C, "d") is None


def test_two_runs_at_once_do_what_they_share_once(workshop: Workshop) -> None:
    text = flow(odd("a", "kiln"), odd("b", "noop", "a"))
    first = workshop.start(text)
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(text)
    waiting = workshop.wait_for_step(second.id, "a", StepState.WAITING)
    assert waiting.reason == f"run {first.id} makes the same right now; its output is used when it is there"
    assert waiting.attempt == 0
    Gate.opened.set()
    assert [workshop.wait(run.id).state for run in (first, second)] == [RunState.SUCCEEDED] * 2
    taken = workshop.steps(second.id)["a"]
    assert (taken.state, taken.origin) == (StepState.CACHED, first.id)
    assert taken.outputs == workshop.steps(first.id)["a"].outputs


def test_when_the_first_is_cancelled_the_second_does_it_itself(workshop: Workshop) -> None:
    text = flow(odd("a", "gate"))
    first = workshop.start(text)
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(text)
    workshop.wait_for_step(second.id, "a", StepState.WAITING)
    third = workshop.start(text)
    workshop.wait_for_step(third.id, "a", StepState.WAITING)
    workshop.desk.cancel_run(third.id)
    workshop.desk.cancel_run(first.id)
    Gate.opened.set()
    assert workshop.wait(second.id).state is RunState.SUCCEEDED
    assert workshop.steps(second.id)["a"].state is StepState.SUCCEEDED
    assert workshop.wait(third.id).state is RunState.CANCELLED


def test_a_run_without_the_cache_waits_for_nobody(workshop: Workshop) -> None:
    text = flow(odd("a", "gate"))
    first = workshop.start(text)
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(text, cache=False)
    waiting = workshop.wait_for_step(second.id, "a", StepState.WAITING)
    assert "makes the same" not in (waiting.reason or ""), "it has its slots, and this executor does one at a time"
    Gate.opened.set()
    assert workshop.wait(second.id).state is RunState.SUCCEEDED
    assert workshop.steps(second.id)["a"].state is StepState.SUCCEEDED
