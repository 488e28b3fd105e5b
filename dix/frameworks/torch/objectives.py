"""What a training makes small, and the numbers that it tells of each epoch."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from dix.frameworks.fitting import FitPlan, weigh_classes
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.outcomes.numbers import NumbersOutcome
from dix.frameworks.training import Examples


class Objective(Protocol):
    """Tells how far what the net says [n, width] is from the targets [n, ...]; lies on the net's device."""

    def loss(self, said: Tensor, targets: Tensor) -> Tensor:
        """The mean over the rows, which training makes small."""

    def measure(self, said: Tensor, targets: Tensor, loss: Tensor | None = None) -> dict[str, Tensor]:
        """Sums over the rows, by name: divided by the rows they are an epoch's numbers; `loss` is there, unweighted.

        `loss` is what `loss` has said of the same, where it was asked.
        """


@runtime_checkable
class WeighingObjective(Objective, Protocol):
    """One whose loss is a weighted mean over the rows."""

    def weigh(self, targets: Tensor) -> Tensor:
        """The sum of the weights of rows with these targets."""


def weigh_rows(objective: Objective, targets: Tensor) -> Tensor | float:
    """What rows count for in the objective's mean over a batch that they are a part of."""
    return objective.weigh(targets) if isinstance(objective, WeighingObjective) else float(len(targets))


class ClassesObjective:
    """Cross entropy, each class with its weight; `accuracy` is the share of the rows that are told right."""

    def __init__(self, weights: Tensor | None) -> None:
        self._weights = weights

    def loss(self, said: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(said.float(), targets, weight=self._weights)

    def weigh(self, targets: Tensor) -> Tensor:
        if self._weights is None:
            return torch.tensor(float(len(targets)), device=targets.device)
        return self._weights[targets].sum()

    def measure(self, said: Tensor, targets: Tensor, loss: Tensor | None = None) -> dict[str, Tensor]:
        if loss is None or self._weights is not None:
            loss = nn.functional.cross_entropy(said.float(), targets)
        return {"loss": loss * len(targets), "accuracy": (said.argmax(1) == targets).sum()}


class NumbersObjective:
    """The squared difference of normalised numbers; `mae` is the mean absolute difference in units of the data."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self._mean = mean
        self._std = std

    def loss(self, said: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.mse_loss(said.float(), (targets - self._mean) / self._std)

    def measure(self, said: Tensor, targets: Tensor, loss: Tensor | None = None) -> dict[str, Tensor]:  # noqa: ARG002
        apart = said.float() - (targets - self._mean) / self._std
        return {"loss": apart.square().mean(1).sum(), "mae": (apart.abs() * self._std).mean(1).sum()}


def make_objective(outcome: Outcome, train: Examples, plan: FitPlan, device: torch.device) -> Objective:
    """What an outcome is trained for."""
    if isinstance(outcome, ClassesOutcome):
        weights = weigh_classes(train.targets, outcome.width) if plan.class_weights == "balanced" else None
        return ClassesObjective(torch.from_numpy(weights).to(device) if weights is not None else None)
    if isinstance(outcome, NumbersOutcome):
        return NumbersObjective(torch.tensor(outcome.mean, device=device), torch.tensor(outcome.std, device=device))
    raise TypeError(f"nothing is known to train {type(outcome).__name__} for")
