"""What crosses between the engine and a worker: an order goes, beats and one report come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dix.engine.plan import PlannedStep
from dix.records.attempt import Used
from dix.records.model_version import ModelDraft
from dix.records.recipe import Recipe
from dix.records.step import Step
from dix.store.options import StoreOptions


@dataclass(frozen=True, slots=True)
class StepKey:
    """One attempt of one step of one run."""

    run: str
    node: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.run}.{self.node}#{self.attempt}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step of an earlier run that the same went into; `places` says where its outputs lie, models as folders."""

    step: Step
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StepOrder:
    """All that a worker needs for one attempt.

    `inputs` maps ports to URIs, `models` ports to `models:/name/version`, `model_folders` those ports to the URI of the
    model's folder. `digests` says what the inputs hold, where that is known (port → SHA-256). `lineage` is what the
    model's manifest says about where it comes from. `fingerprint` is all that goes into the step, where that is known;
    `candidates` are earlier steps that the same went into, newest first: the first whose outputs are still what they
    were is used. `secrets` are variables whose values nobody shall read. `retry_of` is the run that this one repeats.
    Models of the ports in `trusted` may run code when they are loaded.
    """

    key: StepKey
    step: PlannedStep
    inputs: Mapping[str, str]
    models: Mapping[str, str]
    model_folders: Mapping[str, str]
    store: StoreOptions
    lineage: Mapping[str, Any] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    fingerprint: Recipe | None = None
    candidates: tuple[Candidate, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    retry_of: str | None = None
    trusted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MetricRow:
    """Numbers that a step reported at one position (the epoch, from 1)."""

    position: int
    values: Mapping[str, float]
    at: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker's word while it works: since when, how far, and the rows since its last word."""

    key: StepKey
    started: datetime
    progress: float | None = None
    rows: tuple[MetricRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """An attempt that was queued behind another one, has not come to its turn, and never will: it may go anew.

    With `alone`, its host has died: nobody knows by whose fault, so nobody shall stand before or behind it next time.
    """

    key: StepKey
    alone: bool = False


class Outcome(StrEnum):
    """How an attempt came out."""

    SUCCEEDED = "succeeded"
    CACHED = "cached"  # nothing was done: a candidate's outputs are what this attempt would have left
    FAILED = "failed"  # the user's code or data: `retries` counts these
    BROKEN = "broken"  # the platform: repeated up to three times besides
    NOT_THERE = "not there"  # a data node's path, which may still appear


@dataclass(frozen=True, slots=True)
class StepReport:
    """What an attempt left: URIs and content by port, last metrics, a model without a number yet; or why it failed.

    `stored_bytes` is how much of the store its outputs take.

    `used` is what was measured of it, None where nobody was there to measure. `fingerprint` is that of the order when
    the outputs may be used again. `taken` is the earlier step that stands for a cached one, `why_run` says why no
    candidate does. `failed_at` is when the user's code said that it fails, in seconds since 1970, where that is known.
    """

    key: StepKey
    outcome: Outcome
    started: datetime
    ended: datetime
    outputs: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    model: ModelDraft | None = None
    rows: tuple[MetricRow, ...] = ()
    stored_bytes: int = 0
    error: str | None = None
    trace: str | None = None
    used: Used | None = None
    fingerprint: Recipe | None = None
    taken: Step | None = None
    why_run: str | None = None
    failed_at: float | None = None
