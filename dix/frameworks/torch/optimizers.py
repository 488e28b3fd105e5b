"""The optimisers: what makes of a gradient a step."""

from __future__ import annotations

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
