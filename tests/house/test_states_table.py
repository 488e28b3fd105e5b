"""The tables of states are whole: every state has a row, and only what is over has nothing after it."""

from __future__ import annotations

from dix.records.states import (
    NEXT_OF_RUN,
    NEXT_OF_STEP,
    RunState,
    StepState,
    run_is_over,
    step_is_done,
    step_is_over,
)


def test_every_run_state_has_a_row() -> None:
    assert set(NEXT_OF_RUN) == set(RunState)


def test_every_step_state_has_a_row() -> None:
    assert set(NEXT_OF_STEP) == set(StepState)


def test_only_ended_runs_have_nothing_after_them() -> None:
    over = {RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}
    assert {state for state in RunState if run_is_over(state)} == over


def test_only_ended_steps_have_nothing_after_them() -> None:
    going = {StepState.PENDING, StepState.WAITING, StepState.RUNNING}
    assert {state for state in StepState if not step_is_over(state)} == going


def test_what_is_done_is_over() -> None:
    assert all(step_is_over(state) for state in StepState if step_is_done(state))


def test_every_state_can_be_reached() -> None:
    reached_by_runs = {RunState.QUEUED}.union(*NEXT_OF_RUN.values())
    reached_by_steps = {StepState.PENDING}.union(*NEXT_OF_STEP.values())
    assert reached_by_runs == set(RunState)
    assert reached_by_steps == set(StepState)


def test_everything_that_goes_on_can_be_cancelled() -> None:
    assert all(RunState.CANCELLED in NEXT_OF_RUN[state] for state in RunState if not run_is_over(state))
    assert all(StepState.CANCELLED in NEXT_OF_STEP[state] for state in StepState if not step_is_over(state))


def test_nothing_goes_back_to_the_beginning() -> None:
    assert not any(RunState.QUEUED in row for row in NEXT_OF_RUN.values())
    assert not any(StepState.PENDING in row for row in NEXT_OF_STEP.values())
