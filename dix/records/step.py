"""A step: one node of a run being executed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dix.records.states import StepState


@dataclass(frozen=True, slots=True)
class Step:
    """What is remembered of one step; `(run, node)` is its key.

    `attempt` starts at 1 with the first start and is 0 before it. `outputs` maps a port to the URI it left.
    `metrics` holds the last value of each number it reported. `progress` is 0.0-1.0, None where it is not known.
    `reason` says why it waits, was skipped or is cached, `error` why it failed, `trace` the user's traceback.
    `failures` counts the attempts that the user's code has failed, which `retries` limits; `reclaims` those that were
    stopped because their slots were borrowed. `digests` maps an output's port to the SHA-256 of its content, where that
    is known; `origin` is the run that made a cached step's outputs, `why_run` says why the outputs of an earlier step
    were not used. `stored_bytes` is how much its outputs take in the store.
    """

    run: str
    node: str
    state: StepState = StepState.PENDING
    attempt: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None
    error: str | None = None
    trace: str | None = None
    progress: float | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    failures: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    origin: str | None = None
    why_run: str | None = None
    reclaims: int = 0
    stored_bytes: int = 0
