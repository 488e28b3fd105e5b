"""The interface of training: what a framework is given to train on, and what it leaves.

A model is an intake (raw values to tensors), a net, and an outcome (what the net says to answers). Intake and outcome
are the same code for all frameworks, in training and in answering; a framework brings the net and the loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from dix.frameworks.base import ModelCard
from dix.frameworks.intakes.base import Intake, Tensors
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.worker_group import WorkerGroup


@dataclass(frozen=True, slots=True)
class Examples:
    """`tensors` as the intake prepares them, each with first dimension n; `targets` as the outcome wants them.

    For classes they are int64 [n], places among the labels; for numbers float32 [n, width], in units of the data.
    """

    tensors: Tensors
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, places: NDArray[Any]) -> Examples:
        """Those at `places` (whole numbers, or one truth value for each)."""
        return Examples({name: values[places] for name, values in self.tensors.items()}, self.targets[places])


@dataclass(frozen=True, slots=True)
class TrainOrder:
    """One training: `params` are those of the algorithm, checked, with defaults; `folder` takes the model.

    `threads` is the number of CPU threads to use, `gpus` the share of a GPU. In `checkpoints` lies what an earlier
    attempt has left, if anything; the training goes on from there, and leaves there what it needs for that. `workers`
    is set where several train one net: each has an order with the same examples and parameters, and leaves the same
    model; only the first one keeps checkpoints.
    """

    algorithm: str
    intake: Intake
    outcome: Outcome
    train: Examples
    valid: Examples | None
    params: Mapping[str, Any]
    folder: Path
    threads: int = 1
    gpus: float = 0.0
    checkpoints: Path | None = None
    workers: WorkerGroup | None = None


class EpochReport(Protocol):
    """Told after each epoch."""

    def __call__(self, position: int, progress: float | None = None, **metrics: float) -> None:
        """One row of numbers after epoch `position` (from 1); `progress` is 0.0-1.0."""


class Trainer(Protocol):
    """Trains one algorithm on one framework; called once, in a process of its own."""

    def __call__(self, order: TrainOrder, report: EpochReport) -> ModelCard:
        """Train, write the model into `order.folder`, and return its card with the final metrics.

        Raises BadValue for a parameter with which it cannot be done (a learning rate that is too high, a net too
        deep for the images).
        """
