"""What a convolutional net is built from: the same on every framework."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dix.frameworks.training import TrainOrder

Size = Annotated[int, Field(ge=1, le=65536)]
_NET_PARAMS = ("architecture", "channels", "kernel", "hidden", "dropout", "batch_norm")


class CnnNet(BaseModel):
    """What the net is built from; lies in the model card as `net`.

    A `plain` one is as deep as there are `channels`; a `resnet18` has its own, and of the sizes only takes `dropout`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    height: Size
    width: Size
    colours: Size
    classes: Annotated[int, Field(ge=2)]
    architecture: Literal["plain", "resnet18"] = "plain"
    channels: tuple[Size, ...] = Field(min_length=1, max_length=12)
    kernel: Annotated[int, Field(ge=1, le=31)] = 3
    hidden: Annotated[int, Field(ge=0, le=65536)] = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch_norm: bool = True


def plan_cnn(order: TrainOrder) -> CnnNet:
    """The net that an order asks for."""
    images = order.train.tensors["image"]
    return CnnNet(
        height=images.shape[1],
        width=images.shape[2],
        colours=images.shape[3] if images.ndim == 4 else 1,
        classes=order.outcome.width,
        **{name: order.params[name] for name in _NET_PARAMS if name in order.params},
    )
