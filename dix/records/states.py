"""The states of runs and steps, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. Each is written by the supervisor, and only by it; a held run is cancelled by the desk."""

    QUEUED = "queued"  # accepted and on disk; nothing of it has started
    RUNNING = "running"  # its first step has been handed to the executor
    SUCCEEDED = "succeeded"  # every step it needed succeeded or was cached
    FAILED = "failed"  # a step failed for good
    CANCELLED = "cancelled"  # somebody asked for it


class StepState(StrEnum):
    """Where a step stands. Each is written by the supervisor, and only by it."""

    PENDING = "pending"  # its upstream steps have not all ended
    WAITING = "waiting"  # it could go, but for what `reason` says: a slot, a file, the next attempt
    RUNNING = "running"  # its worker has said that it works on it
    SUCCEEDED = "succeeded"  # its outputs are visible
    CACHED = "cached"  # the outputs of an earlier step are used
    FAILED = "failed"  # its last attempt failed
    SKIPPED = "skipped"  # muted, not selected, or its upstream did not succeed
    CANCELLED = "cancelled"  # the run was cancelled before it ended


class Driver(StrEnum):
    """Why a run exists."""

    MANUAL = "manual"
    TIMED = "timed"
    BACKFILL = "backfill"
    PARAMETER = "parameter"


NEXT_OF_RUN: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
}

_ENDS = frozenset({StepState.SUCCEEDED, StepState.CACHED, StepState.FAILED, StepState.SKIPPED, StepState.CANCELLED})

NEXT_OF_STEP: dict[StepState, frozenset[StepState]] = {
    StepState.PENDING: frozenset({StepState.WAITING, StepState.RUNNING}) | _ENDS,
    StepState.WAITING: frozenset({StepState.RUNNING}) | _ENDS,
    # Cached: its worker has given a sign, and then found that an earlier step has left the same.
    StepState.RUNNING: frozenset(
        {StepState.WAITING, StepState.SUCCEEDED, StepState.CACHED, StepState.FAILED, StepState.CANCELLED}
    ),
    StepState.SUCCEEDED: frozenset(),
    StepState.CACHED: frozenset(),
    StepState.FAILED: frozenset(),
    StepState.SKIPPED: frozenset(),
    StepState.CANCELLED: frozenset(),
}


def run_is_over(state: RunState) -> bool:
    """Nothing may follow: a retry is a new run."""
    return not NEXT_OF_RUN[state]


def step_is_over(state: StepState) -> bool:
    """Nothing may follow."""
    return not NEXT_OF_STEP[state]


def step_is_done(state: StepState) -> bool:
    """Its outputs can be used."""
    return state in {StepState.SUCCEEDED, StepState.CACHED}
