"""A sweep: a search over the parameters of a flow; each of its trials is run as a run of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dix.records.tag import make_tag
from dix.records.user import FIRST_USER


class SweepState(StrEnum):
    """Where a sweep stands."""

    RUNNING = "running"  # trials go on, or will; written when it is made or resumed
    PAUSED = "paused"  # no further trial begins; written when somebody asks for it
    STOPPED = "stopped"  # what was open is cancelled; written when somebody asks for it
    FINISHED = "finished"  # nothing is left to try, or its budget is used; written by the sweeper


class Method(StrEnum):
    """How the parameters of trials are found, and who of them goes on."""

    GRID = "grid"  # every combination
    LIST = "list"  # a table of parameter sets
    RANDOM = "random"
    TPE = "tpe"  # Optuna's, from what earlier trials came to
    ASHA = "asha"  # drawn by chance, the worse ones stopped on the way
    HYPERBAND = "hyperband"  # as asha, in brackets that wait for each other
    PBT = "pbt"  # a population: the worse ones go on from the better ones, with other parameters


class Mode(StrEnum):
    """Which of two numbers is the better one."""

    MIN = "min"
    MAX = "max"


class Take(StrEnum):
    """Which number of a curve counts."""

    BEST = "best"
    LAST = "last"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Objective:
    """A number that a node of the flow reports; `step` is the position that counts where `take` says so."""

    node: str
    metric: str
    mode: Mode = Mode.MAX
    take: Take = Take.BEST
    step: int | None = None

    def __str__(self) -> str:
        return f"{self.node}.{self.metric}"

    def is_better(self, value: float, other: float) -> bool:
        """Whether one number is better than another."""
        return value > other if self.mode is Mode.MAX else value < other


@dataclass(frozen=True, slots=True)
class Budget:
    """What a sweep may take; None is without limit. `cpu_s` and `gpu_s` count what its steps hold, times seconds."""

    trials: int | None = None
    time_s: float | None = None
    cpu_s: float | None = None
    gpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """What was asked for, and how that stands.

    `space` is as it was given, by parameter; `table` are parameter sets of a list. `params` hold for every trial, over
    the defaults of the flow. `concurrency` trials run at once. `patience` is after how many trials without a better one
    the sweep ends. Each trial is run `replicates` times, with seeds of its own in the parameter `seed_param`. A trial
    that failed is run again up to `retries` times; then it uses up one of the budget's trials if `counts_failed`.
    """

    name: str
    flow: str
    flow_version: int
    project: str
    created: datetime
    method: Method = Method.GRID
    user: str = FIRST_USER
    space: dict[str, Any] = field(default_factory=dict)
    table: tuple[dict[str, Any], ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    budget: Budget = Budget()
    concurrency: int = 4
    patience: int | None = None
    seed: int = 0
    replicates: int = 1
    seed_param: str | None = None
    retries: int = 0
    counts_failed: bool = True
    priority: int = 0
    cache: bool = True
    description: str = ""
    state: SweepState = SweepState.RUNNING
    reason: str | None = None
    ended: datetime | None = None
    changed: datetime | None = None
    changed_by: str = FIRST_USER

    @property
    def origin(self) -> str:
        """What its runs say about where they come from, and the key of its limit."""
        return f"sweeps/{self.name}"

    @property
    def is_over(self) -> bool:
        """Nothing of it goes on."""
        return self.state in {SweepState.STOPPED, SweepState.FINISHED}

    @property
    def tag(self) -> str:
        """Another one for each change that somebody asked for, and for each state."""
        return make_tag(self.name, self.created, self.changed, self.changed_by, str(self.state))


@dataclass(frozen=True, slots=True)
class SweepFilter:
    """Which sweeps a list shall have; None lets all through."""

    flow: str | None = None
    state: tuple[SweepState, ...] = ()
    project: str | None = None
    user: str | None = None
    search: str | None = None
