"""Ends a run that nobody works on, from its records alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dix.catalog.base import Catalog
from dix.engine.meter import end_lost
from dix.records.attempt import Attempt, AttemptOutcome
from dix.records.change import ChangeSet, RunMove, StepMove
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState, StepState, step_is_over
from dix.records.step import Step


def close_run(catalog: Catalog, run: Run, to: RunState, why: str) -> None:
    """Write down that a run and its steps that are not over have ended: `to` is cancelled or failed."""
    moment, alive = now(), catalog.attempts.find_alive()
    under_way = {attempt.node: attempt for attempt in list_under_way(catalog, run.id)}
    steps = [step for step in catalog.runs.list_steps(run.id) if not step_is_over(step.state)]
    moves = tuple(_close_step(step, to, why, moment) for step in steps)
    outcome = AttemptOutcome.CANCELLED if to is RunState.CANCELLED else AttemptOutcome.BROKEN
    lost = {node: end_lost(attempt, alive, outcome, why) for node, attempt in under_way.items()}
    moves = tuple(replace(move, attempt=lost.get(move.step.node)) for move in moves)
    error = why if to is RunState.FAILED else None
    catalog.runs.apply_changes(ChangeSet(moves, (RunMove(run.id, run.state, to, moment, error=error),)))


def list_under_way(catalog: Catalog, run: str) -> tuple[Attempt, ...]:
    """The attempts of a run that have begun on disk, and not ended there."""
    return tuple(attempt for attempt in catalog.attempts.list_open_attempts() if attempt.run == run)


def _close_step(step: Step, to: RunState, why: str, moment: datetime) -> StepMove:
    if to is RunState.CANCELLED:
        ended = replace(step, state=StepState.CANCELLED, ended=moment, reason=why)
    elif step.state is StepState.RUNNING:
        ended = replace(step, state=StepState.FAILED, ended=moment, reason=None, error=why)
    else:
        ended = replace(step, state=StepState.SKIPPED, ended=moment, reason=why)
    return StepMove(step.state, ended, moment)
