"""Which state may follow which; tests/house/test_states_table.py sees that the tables are whole."""

from __future__ import annotations

import pytest

from dix.records.states import (
    NEXT_OF_RUN,
    NEXT_OF_STEP,
    Driver,
    RunState,
    StepState,
    run_is_over,
    step_is_done,
    step_is_over,
)


def test_states_are_the_words_that_programs_read() -> None:
    assert [state.value for state in RunState] == ["queued", "running", "succeeded", "failed", "cancelled"]
    assert {state.value for state in StepState} == {
        "pending",
        "waiting",
        "running",
        "succeeded",
        "cached",
        "failed",
        "skipped",
        "cancelled",
    }
    assert {driver.value for driver in Driver} == {"manual", "timed", "backfill", "parameter"}


def test_a_run_starts_before_it_succeeds() -> None:
    assert RunState.SUCCEEDED not in NEXT_OF_RUN[RunState.QUEUED]
    assert RunState.SUCCEEDED in NEXT_OF_RUN[RunState.RUNNING]


def test_a_step_goes_back_to_waiting_for_its_next_attempt() -> None:
    assert StepState.WAITING in NEXT_OF_STEP[StepState.RUNNING]


def test_a_step_that_runs_is_not_skipped() -> None:
    assert StepState.SKIPPED not in NEXT_OF_STEP[StepState.RUNNING]


@pytest.mark.parametrize("state", [StepState.SUCCEEDED, StepState.CACHED])
def test_outputs_can_be_used_of_what_succeeded_or_was_cached(state: StepState) -> None:
    assert step_is_done(state)


def test_outputs_of_all_others_cannot() -> None:
    assert [state for state in StepState if step_is_done(state)] == [StepState.SUCCEEDED, StepState.CACHED]


def test_a_failed_run_is_over() -> None:
    assert run_is_over(RunState.FAILED)
    assert step_is_over(StepState.FAILED)
    assert not run_is_over(RunState.QUEUED)
