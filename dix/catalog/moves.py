"""Deciding which moves of a change set are accepted; pure, no SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dix.records.attempt import Attempt
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.event import Event
from dix.records.model_version import ModelDraft
from dix.records.states import NEXT_OF_RUN, NEXT_OF_STEP, RunState, StepState, run_is_over

StepKey = tuple[str, str]


@dataclass(slots=True)
class Verdict:
    """What a change set comes to: the last accepted move of each run and step, the events, and what is refused.

    Attempts begin or end; each comes with the state that its step had before.
    """

    steps: dict[StepKey, StepMove] = field(default_factory=dict)
    runs: dict[str, list[RunMove]] = field(default_factory=dict)
    models: list[tuple[StepMove, ModelDraft]] = field(default_factory=list)
    attempts: list[tuple[StepState, Attempt]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    refused_steps: list[StepKey] = field(default_factory=list)
    refused_runs: list[str] = field(default_factory=list)


def judge_moves(changes: ChangeSet, steps: dict[StepKey, StepState], runs: dict[str, RunState]) -> Verdict:
    """Go through the moves in order, each seeing what the ones before it made of the states, which are kept up to date.

    Runs start before the moves of their steps and end after them, so that events tell a sensible story.
    """
    verdict = Verdict()
    for move in changes.runs:
        if not run_is_over(move.to):
            _judge_run(verdict, runs, move)
    for step_move in changes.steps:
        _judge_step(verdict, steps, step_move)
    for move in changes.runs:
        if run_is_over(move.to):
            _judge_run(verdict, runs, move)
    return verdict


def _judge_run(verdict: Verdict, states: dict[str, RunState], move: RunMove) -> None:
    state = states.get(move.id)
    if state is None or state != move.expect or not _may_follow(NEXT_OF_RUN.__getitem__, state, move.to):
        verdict.refused_runs.append(move.id)
        return
    verdict.runs.setdefault(move.id, []).append(move)
    if state != move.to:
        states[move.id] = move.to
        verdict.events.append(Event(move.id, None, 0, move.to, move.at, _tell(move.reason, move.error)))


def _judge_step(verdict: Verdict, states: dict[StepKey, StepState], move: StepMove) -> None:
    step = move.step
    key = (step.run, step.node)
    state = states.get(key)
    if state is None or state != move.expect or not _may_follow(NEXT_OF_STEP.__getitem__, state, step.state):
        verdict.refused_steps.append(key)
        return
    verdict.steps[key] = move
    if move.model is not None:
        verdict.models.append((move, move.model))
    if move.attempt is not None:
        verdict.attempts.append((state, move.attempt))
    if state != step.state:
        states[key] = step.state
        again = state is StepState.RUNNING and step.state is StepState.WAITING
        kind = "retrying" if again else step.state
        verdict.events.append(Event(step.run, step.node, step.attempt, kind, move.at, _tell(step.reason, step.error)))


def _may_follow(following: Callable[[Any], frozenset[Any]], state: Any, to: Any) -> bool:
    """What is over stays as it is; anything else may also stay where it is, with a new reason or new progress."""
    allowed = following(state)
    return to in allowed or (state == to and bool(allowed))


def _tell(reason: str | None, error: str | None) -> dict[str, Any]:
    return {name: text for name, text in (("reason", reason), ("error", error)) if text}
