"""What every training loop has in common, whatever the framework: how to go, when to stop, what was best."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue

Weights = TypeVar("Weights")


@dataclass(frozen=True, slots=True)
class FitPlan:
    """How to train; training stops after `patience` epochs without a better validation loss (0: never).

    `class_weights` is `none`, or `balanced`: each class counts the same, however rare. A checkpoint is kept after an
    epoch when the last one is `checkpoint_every_s` seconds old.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str = "adam"
    schedule: str = "none"
    weight_decay: float = 0.0
    class_weights: str = "none"
    patience: int = 0
    seed: int = 0
    checkpoint_every_s: float = 10.0


def make_fit_plan(params: Mapping[str, Any]) -> FitPlan:
    """The plan that an algorithm's parameters say."""
    names = FitPlan.__dataclass_fields__
    return FitPlan(**{name: params[name] for name in names if name in params})


def compute_learning_rate(plan: FitPlan, epoch: int) -> float:
    """The learning rate of `epoch` (from 1): `none` keeps it, `cosine` lets it fall to near zero, `step` takes a tenth
    after half of the epochs and another after three quarters. Raises BadValue for another schedule.
    """
    done = (epoch - 1) / plan.epochs
    if plan.schedule == "none":
        return plan.learning_rate
    if plan.schedule == "cosine":
        return plan.learning_rate * 0.5 * (1.0 + math.cos(math.pi * done))
    if plan.schedule == "step":
        return float(plan.learning_rate * 0.1 ** ((done >= 0.5) + (done >= 0.75)))
    raise BadValue("schedule", "none, cosine or step", plan.schedule)


def draw_batches(count: int, batch_size: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """All places in a new order; a last batch of one joins the one before it, as batch norm cannot learn from one."""
    order = chance.permutation(count)
    start = 0
    while start < count:
        end = start + batch_size
        if end + 1 >= count:
            end = count
        yield order[start:end]
        start = end


def weigh_classes(targets: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """The weight of each class, so that all count the same and their mean over the examples is 1."""
    counts = np.bincount(targets, minlength=classes)
    return np.asarray(len(targets) / (classes * np.maximum(counts, 1)), dtype=np.float32)


def check_finite(metrics: Mapping[str, float], epoch: int, plan: FitPlan) -> None:
    """Raises BadValue when the loss, or another number, is none any more."""
    for name, value in metrics.items():
        if not math.isfinite(value):
            todo = f"the {name} became {value} in epoch {epoch}: try a tenth of it"
            raise BadValue("learning_rate", "one with which the loss stays a number", plan.learning_rate, todo)


@dataclass(slots=True)
class Course(Generic[Weights]):
    """The epochs so far; of the best one the weights too, kept only when training may stop early."""

    rows: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = math.inf
    best_weights: Weights | None = None

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights the model has."""
        return self.best_epoch or len(self.rows)

    def is_best(self, row: Mapping[str, float]) -> bool:
        """Add an epoch that has a validation loss; whether it is the best so far."""
        if row["valid_loss"] >= self.best_loss:
            return False
        self.best_epoch, self.best_loss = len(self.rows), row["valid_loss"]
        return True

    def should_stop(self, patience: int) -> bool:
        """Whether the best epoch is `patience` epochs ago (0: never)."""
        return 0 < patience <= len(self.rows) - self.best_epoch and self.best_epoch > 0

    def summarise(self) -> dict[str, Any]:
        """The metrics of the epoch that was kept, with `epochs` done and `best_epoch`."""
        return {**self.rows[self.kept_epoch - 1], "epochs": len(self.rows), "best_epoch": self.kept_epoch}
