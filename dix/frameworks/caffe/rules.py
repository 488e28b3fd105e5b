"""How a gradient changes a weight: Caffe's own six rules, which are not those of torch's optimizers.

The rate is inside Caffe's history (torch keeps it outside), so a rate that changes weighs old gradients differently.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dix.errors import BadData


@dataclass(frozen=True, slots=True)
class Update:
    """One weight's turn: its gradient, its histories (one or two), the local rate, the iteration from 0."""

    gradient: Tensor
    history: tuple[Tensor, ...]
    rate: float
    iteration: int


Rule = Callable[[Any, Update], Tensor]


def get_rule(uri: str, kind: str) -> Rule:
    """The rule of a solver type: what it answers is taken off the weight. Raises BadData for a type not known."""
    if kind not in _RULES:
        raise BadData(uri, f"type is {kind!r}", f"take one of {', '.join(list_rules())}")
    return _RULES[kind]


def list_rules() -> list[str]:
    """The types of solvers."""
    return sorted(_RULES)


def count_histories(kind: str) -> int:
    """How many tensors the rule keeps for each weight."""
    return 2 if kind in {"AdaDelta", "Adam"} else 1


def clip_gradients(gradients: list[Tensor], limit: float) -> tuple[float, float] | None:
    """Scale all gradients down so that their norm is `limit`; answers (norm, factor), None where they are below."""
    if limit < 0:
        return None
    squares = np.float32(0)
    for gradient in gradients:
        squares += np.float32(float((gradient * gradient).sum()))
    norm = float(np.sqrt(squares))
    if norm <= limit:
        return None
    factor = float(np.float32(limit) / np.float32(norm))
    for gradient in gradients:
        gradient.mul_(factor)
    return norm, factor


def add_decay(gradient: Tensor, weight: Tensor, decay: float, kind: str) -> None:
    """Add the pull of weight decay, L2 or L1, to a gradient."""
    if decay:
        gradient.add_(torch.sign(weight) if kind == "L1" else weight, alpha=decay)


def _sgd(solver: Any, update: Update) -> Tensor:
    (history,) = update.history
    history.mul_(solver.momentum).add_(update.gradient, alpha=update.rate)
    return history


def _nesterov(solver: Any, update: Update) -> Tensor:
    (history,) = update.history
    momentum: float = solver.momentum
    before = history.clone()
    history.mul_(momentum).add_(update.gradient, alpha=update.rate)
    return history * (1 + momentum) - before * momentum


def _adagrad(solver: Any, update: Update) -> Tensor:
    (history,) = update.history
    delta: float = solver.delta
    history.add_(update.gradient * update.gradient)
    return update.gradient / (history.sqrt() + delta) * update.rate


def _rmsprop(solver: Any, update: Update) -> Tensor:
    (history,) = update.history
    keep: float = solver.rms_decay
    delta: float = solver.delta
    history.mul_(keep).add_(update.gradient * update.gradient, alpha=1 - keep)
    return update.gradient / (history.sqrt() + delta) * update.rate


def _adadelta(solver: Any, update: Update) -> Tensor:
    """Its momentum is the share of the old in both means."""
    gradients, changes = update.history
    keep: float = solver.momentum
    delta: float = solver.delta
    gradients.mul_(keep).add_(update.gradient * update.gradient, alpha=1 - keep)
    change = update.gradient * ((changes + delta) / (gradients + delta)).sqrt()
    changes.mul_(keep).add_(change * change, alpha=1 - keep)
    return change * update.rate


def _adam(solver: Any, update: Update) -> Tensor:
    """The rate is corrected for the start; delta is not."""
    means, squares = update.history
    first: float = solver.momentum
    second: float = solver.momentum2
    delta: float = solver.delta
    turn = update.iteration + 1
    correction = math.sqrt(1 - second**turn) / (1 - first**turn)
    means.mul_(first).add_(update.gradient, alpha=1 - first)
    squares.mul_(second).add_(update.gradient * update.gradient, alpha=1 - second)
    return means / (squares.sqrt() + delta) * (update.rate * correction)


_RULES: dict[str, Rule] = {
    "AdaDelta": _adadelta,
    "AdaGrad": _adagrad,
    "Adam": _adam,
    "Nesterov": _nesterov,
    "RMSProp": _rmsprop,
    "SGD": _sgd,
}
