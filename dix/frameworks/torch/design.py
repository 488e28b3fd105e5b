"""What a net's file offers: everything about one kind of net that training and answering need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from dix.frameworks.torch.objectives import Objective
from dix.frameworks.torch.peers import Peers
from dix.frameworks.training import EpochReport, TrainOrder

Batch: TypeAlias = Mapping[str, Tensor]


class Augment(Protocol):
    """Changes a batch a little while training, so that the net learns what does not matter."""

    def __call__(self, batch: Batch, params: Mapping[str, Any], chance: torch.Generator) -> Batch:
        """The batch to learn from; `chance` lies on the CPU."""


class Pretrain(Protocol):
    """Trains a net before the targets are looked at; not done again where a checkpoint is gone on from."""

    def __call__(
        self, net: nn.Module, order: TrainOrder, report: EpochReport, peers: Peers | None
    ) -> Mapping[str, float]:
        """Change the net in place; answers numbers for the model's card. Each of `peers` is called."""


def _leave(net: nn.Module) -> nn.Module:
    return net


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of net: its file ends with one of these, and `nets.py` finds it by the algorithm's name.

    `spec` is what the net is built from, as it lies in the card; `plan` makes it of an order and raises BadValue for
    parameters that do not go with the data. `build` makes the net of the spec and of the card's `preprocessing`; its
    `forward` takes a batch of the intake's tensors by name, and answers [n, width of the outcome]. `fuse` makes a
    trained net quicker for answering. `objective` takes the place of the outcome's own.
    """

    spec: type[BaseModel]
    plan: Callable[[TrainOrder], BaseModel]
    build: Callable[[Any, Mapping[str, Any]], nn.Module]
    augment: Augment | None = None
    pretrain: Pretrain | None = None
    fuse: Callable[[nn.Module], nn.Module] = _leave
    objective: Callable[[TrainOrder, torch.device], Objective] | None = None
