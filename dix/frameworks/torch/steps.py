"""The moving parts of gradient descent: the optimiser, and the learning rate of each epoch."""

from __future__ import annotations

import math

import torch
from torch import nn

from dix.errors import BadValue


def make_optimizer(name: str, net: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """`adam` (with decoupled decay, AdamW) or `sgd` (Nesterov momentum 0.9); raises BadValue otherwise."""
    if name == "adam":
        return torch.optim.AdamW(net.parameters(), lr=learning_rate, weight_decay=weight_decay)
    if name == "sgd":
        return torch.optim.SGD(
            net.parameters(), lr=learning_rate, momentum=0.9, nesterov=True, weight_decay=weight_decay
        )
    raise BadValue("optimizer", "adam or sgd", name)


def compute_learning_rate(schedule: str, base: float, epoch: int, epochs: int) -> float:
    """The learning rate of `epoch` (from 1): `none` keeps it, `cosine` lets it fall to near zero, `step` takes a tenth
    after half of the epochs and another after three quarters. Raises BadValue for another schedule.
    """
    done = (epoch - 1) / epochs
    if schedule == "none":
        return base
    if schedule == "cosine":
        return base * 0.5 * (1.0 + math.cos(math.pi * done))
    if schedule == "step":
        return base * 0.1 ** ((done >= 0.5) + (done >= 0.75))
    raise BadValue("schedule", "none, cosine or step", schedule)
