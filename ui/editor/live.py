"""A run as the canvas shows it: a state for each node, and no more."""

from __future__ import annotations

from typing import Any

from dix.client.pictures.words import clean
from dix.client.run import ClientRun
from dix.records.states import StepState
from dix.records.step import Step
from ui.parts.clock import say_span

TIMED = frozenset({StepState.RUNNING, StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED})


def describe_run(run: ClientRun) -> dict[str, Any]:
    """The run and its steps."""
    return {
        "run": run.id,
        "state": run.state.value,
        "isOver": run.is_over,
        "why": clean(run.error or run.reason or ""),
        "nodes": {step.node: _describe_step(step) for step in run.steps},
    }


def _describe_step(step: Step) -> dict[str, Any]:
    return {
        "state": step.state.value,
        "progress": step.progress,
        "why": clean(step.error or step.reason or ""),
        "took": say_span(step.started, step.ended) if step.state in TIMED and step.started else "",
    }
