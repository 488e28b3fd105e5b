"""Records for the tests of the catalog."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dix.records.attempt import Attempt
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.run import Run
from dix.records.states import RunState, StepState
from dix.records.step import Step

NOON = datetime(2026, 5, 17, 12, 0, 0, 123456, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment so long after noon."""
    return NOON + timedelta(seconds=seconds)


def make_run(id: str = "r1", created: datetime = NOON, **facts: object) -> Run:
    return Run(id, facts.pop("flow", "digits"), 1, created, **facts)  # type: ignore[arg-type]


def make_steps(run: str, *nodes: str) -> tuple[Step, ...]:
    return tuple(Step(run, node) for node in nodes)


def make_attempt(run: str = "r1", node: str = "a", attempt: int = 1, **facts: object) -> Attempt:
    whose = {"project": "default", "user": "admin", "flow": "digits", "started": at(1)}
    return Attempt(run, node, attempt, **whose | facts)  # type: ignore[arg-type]


def move(
    expect: StepState, to: StepState, run: str = "r1", node: str = "a", attempt: Attempt | int = 0, **facts: object
) -> StepMove:
    """With a whole attempt, the move carries it."""
    whole = attempt if isinstance(attempt, Attempt) else None
    number = attempt.attempt if isinstance(attempt, Attempt) else attempt
    return StepMove(expect, Step(run, node, to, number, **facts), at(1), attempt=whole)  # type: ignore[arg-type]


def start(run: str = "r1") -> RunMove:
    return RunMove(run, RunState.QUEUED, RunState.RUNNING, at(1))


def change(*moves: StepMove | RunMove) -> ChangeSet:
    return ChangeSet(
        tuple(one for one in moves if isinstance(one, StepMove)),
        tuple(one for one in moves if isinstance(one, RunMove)),
    )
