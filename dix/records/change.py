"""Changes of runs and steps, written down as a group: each one is a compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dix.records.attempt import Attempt
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.recipe import Recipe
from dix.records.states import RunState, StepState
from dix.records.step import Step


@dataclass(frozen=True, slots=True)
class RunMove:
    """A run goes from `expect` to `to` at the moment `at`; `started` and `ended` follow from the states.

    `priority` is its new one, None where it stays.
    """

    id: str
    expect: RunState
    to: RunState
    at: datetime
    reason: str | None = None
    error: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class StepMove:
    """A step becomes what `step` says, if it is in the state `expect` now; `model` is registered in the same moment.

    `attempt` is the attempt that begins or ends with the move, and is written down with it. By its `fingerprint` a
    success can be found from then on.

    A move to the state it is in already (a new reason, new progress) is allowed and makes no event.
    """

    expect: StepState
    step: Step
    at: datetime
    model: ModelDraft | None = None
    attempt: Attempt | None = None
    fingerprint: Recipe | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Moves that become durable together. A move that is refused does not hinder the others."""

    steps: tuple[StepMove, ...] = ()
    runs: tuple[RunMove, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """What became of a change set: the refused moves by key, the versions that models got by (run, node)."""

    refused_steps: tuple[tuple[str, str], ...] = ()
    refused_runs: tuple[str, ...] = ()
    models: dict[tuple[str, str], ModelVersion] = field(default_factory=dict)
