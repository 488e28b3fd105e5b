"""The interface of a layer, and what several of them share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.schema import TRAIN

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BlobPlan:
    """One blob of weights a layer wants: its shape, and the FillerParameter its first values come from (None: zeros).

    `is_statistic` marks what the layer itself writes while it runs; it is never learned.
    """

    shape: Shape
    filler: Any = None
    is_statistic: bool = False


class Layer:
    """The base of all layers; one is made for each LayerParameter of a net.

    The net first asks `plan_blobs` for the weights, given the shapes of the bottoms, puts tensors of those shapes into
    `blobs`, and then calls `forward` for each batch. Tops are new tensors, also in place. Gradients come from torch's
    autograd, so `forward` must be made of what autograd can follow, with Caffe's gradient where that is another one.
    The net learns the shapes of the tops by a run on torch's meta device: shapes must not depend on values.
    Raises BadData for parameters that do not fit.
    """

    def __init__(self, spec: Any, paths: Paths) -> None:
        self.spec = spec
        self.paths = paths
        self.is_training = spec.phase == TRAIN
        self.blobs: list[Tensor] = []

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:  # noqa: ARG002
        """The weights, in Caffe's order; none unless a layer says so."""
        return []

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        """The tops of one batch."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget what earlier batches left (the state of a recurrent layer)."""

    @property
    def loss_weights(self) -> list[float]:
        """The weight of each top in the loss: as stated, else 0."""
        stated = list(self.spec.loss_weight)
        return stated + [0.0] * (len(self.spec.top) - len(stated))

    def fail(self, what: str, todo: str = "") -> BadData:
        """The error for something wrong with this layer, to be raised."""
        return BadData(f"layer {self.spec.name} ({self.spec.type})", what, todo)


class LossLayer(Layer):
    """The base of the layers that end in a loss: their first top weighs 1 unless stated otherwise."""

    @property
    def loss_weights(self) -> list[float]:
        if self.spec.loss_weight:
            return super().loss_weights
        return [1.0] + [0.0] * (len(self.spec.top) - 1)


class SourceLayer(Layer):
    """The base of the layers that have no bottoms and bring data in."""

    def plan_tops(self) -> list[Shape]:
        """The shapes of the tops, known before anything is read to train on."""
        raise NotImplementedError

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        """The next batch."""
        raise NotImplementedError


class _Straight(torch.autograd.Function):
    """The value of one tensor with the gradient of another."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, path: Tensor) -> Tensor:  # noqa: ARG004
        return value.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:  # noqa: ARG004
        return None, gradient


def take_value(value: Tensor, path: Tensor) -> Tensor:
    """`value` as Caffe prints it, with the gradient that `path` (of the same shape) has."""
    result: Tensor = _Straight.apply(value.detach(), path)  # type: ignore[no-untyped-call]
    return result


def find_axis(layer: Layer, axis: int, count: int) -> int:
    """An axis that may count from the end, as one that counts from the front."""
    if not -count <= axis < count:
        raise layer.fail(f"axis {axis} of a blob with {count} axes", f"take one from {-count} to {count - 1}")
    return axis % count


def count_values(shape: Iterable[int]) -> int:
    """The number of values in a shape."""
    total = 1
    for size in shape:
        total *= size
    return total


def flatten_axes(values: Tensor, start: int, end: int | None = None) -> Tensor:
    """Make one axis of those from `start` to before `end`; none of them gives an axis of size 1."""
    shape = tuple(values.shape)
    stop = len(shape) if end is None else end
    return values.reshape(*shape[:start], count_values(shape[start:stop]), *shape[stop:])


def spread(values: Tensor, axis: int, count: int) -> Tensor:
    """View `values` so that its axes lie from `axis` on in a tensor of `count` axes, for broadcasting."""
    return values.reshape((1,) * axis + tuple(values.shape) + (1,) * (count - axis - values.dim()))
