"""The deep belief net: layers of sigmoids that are trained one after the other without targets, then all by them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from dix.errors import BadValue
from dix.frameworks.torch.boltzmann import GreedyPlan, train_layers
from dix.frameworks.torch.design import Design
from dix.frameworks.torch.peers import Peers
from dix.frameworks.training import EpochReport, TrainOrder

Size = Annotated[int, Field(ge=1, le=65536)]
# As many rows are brought to 0-1 at a time.
_ROWS = 4096


class DbnNet(BaseModel):
    """What the net is built from; lies in the model card as `net`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: Annotated[int, Field(ge=1, le=1 << 24)]
    layers: tuple[Size, ...] = Field(min_length=1, max_length=12)
    classes: Annotated[int, Field(ge=2)]
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class BeliefNet(nn.Module):
    """Flat images from 0 to 1, layers of sigmoids, and one linear layer for the classes."""

    def __init__(self, spec: DbnNet, scale: float) -> None:
        super().__init__()
        self.scale = scale
        sizes = (spec.units, *spec.layers)
        self.layers = nn.ModuleList(nn.Linear(before, size) for before, size in pairwise(sizes))
        for layer in self.layers:
            nn.init.xavier_uniform_(layer.weight)  # type: ignore[arg-type]  # a Linear
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        self.dropout = nn.Dropout(spec.dropout)
        self.head = nn.Linear(sizes[-1], spec.classes)

    def flatten(self, images: Tensor) -> Tensor:
        """Raw pixels [n, ...] to numbers from 0 to 1, [n, units]."""
        return images.flatten(1).to(self.head.weight.dtype) / self.scale

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Raw pixels, the tensor `image`, to logits [n, classes]."""
        x = self.flatten(batch["image"])
        for layer in self.layers:
            x = torch.sigmoid(layer(x))
        logits: Tensor = self.head(self.dropout(x))
        return logits


def _plan(order: TrainOrder) -> DbnNet:
    images = order.train.tensors["image"]
    if images.dtype.kind == "f" and (images.min() < 0 or images.max() > 1):
        raise BadValue("image", "numbers from 0 to 1, or bytes", f"from {images.min()} to {images.max()}")
    return DbnNet(
        units=images[0].size,
        layers=tuple(order.params["layers"]),
        classes=order.outcome.width,
        dropout=order.params.get("dropout", 0.0),
    )


def _build(spec: DbnNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    return BeliefNet(spec, float(preprocessing["scale"]))


def _pretrain(net: nn.Module, order: TrainOrder, report: EpochReport, peers: Peers | None) -> Mapping[str, float]:
    params = order.params
    epochs = params.get("greedy_epochs", 0)
    if not epochs or not isinstance(net, BeliefNet):
        return {}
    device = net.head.weight.device
    images = order.train.tensors["image"]
    visible = torch.cat(
        [
            net.flatten(torch.from_numpy(images[start : start + _ROWS].copy()).to(device))
            for start in range(0, len(images), _ROWS)
        ]
    )

    def tell(layer: int, epoch: int, error: float) -> None:
        report(epoch, None, **{f"layer{layer}_reconstruction": error})

    plan = GreedyPlan(
        epochs=epochs,
        batch_size=params["greedy_batch_size"],
        learning_rate=params["greedy_learning_rate"],
        steps=params["divergence_steps"],
        weight_decay=params["greedy_weight_decay"],
        seed=params["seed"],
    )
    layers: Any = list(net.layers)
    errors = train_layers(layers, visible, plan, tell, peers)
    for error in errors:
        if error != error:  # noqa: PLR0124  # NaN is not equal to itself
            raise BadValue(
                "greedy_learning_rate", "one with which the weights stay numbers", plan.learning_rate, "try a tenth"
            )
    return {f"layer{place}_reconstruction": error for place, error in enumerate(errors, 1)}


DBN = Design(spec=DbnNet, plan=_plan, build=_build, pretrain=_pretrain)
