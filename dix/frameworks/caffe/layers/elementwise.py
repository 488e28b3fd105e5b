"""Layers that work on each value by itself: the activations, powers, logarithms, dropout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape
from dix.frameworks.caffe.schema import make_message


class _Elementwise(Layer):
    """One bottom, one top of its shape."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        return [self.compute(bottoms[0])]

    def compute(self, values: Tensor) -> Tensor:
        """The function of one value, for all of them."""
        raise NotImplementedError


class ReLU(_Elementwise):
    """The larger of x and 0; below 0 x times `negative_slope`."""

    def compute(self, values: Tensor) -> Tensor:
        slope = self.spec.relu_param.negative_slope
        return functional.leaky_relu(values, slope) if slope else functional.relu(values)


class PReLU(_Elementwise):
    """ReLU whose slope below 0 is learned, one for each channel or one for all."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.prelu_param
        filler = param.filler
        if not param.HasField("filler"):
            filler = make_message("FillerParameter")
            filler.value = 0.25
        return [BlobPlan(() if param.channel_shared else (bottoms[0][1],), filler)]

    def compute(self, values: Tensor) -> Tensor:
        slope = self.blobs[0].reshape(1, -1, *(1,) * (values.dim() - 2))
        return torch.where(values > 0, values, values * slope)


class ELU(_Elementwise):
    """x above 0, alpha (e^x - 1) below."""

    def compute(self, values: Tensor) -> Tensor:
        return functional.elu(values, self.spec.elu_param.alpha)


class Sigmoid(_Elementwise):
    """1 / (1 + e^-x)."""

    def compute(self, values: Tensor) -> Tensor:
        return torch.sigmoid(values)


class TanH(_Elementwise):
    """The hyperbolic tangent."""

    def compute(self, values: Tensor) -> Tensor:
        return torch.tanh(values)


class Swish(_Elementwise):
    """x times the sigmoid of beta x."""

    def compute(self, values: Tensor) -> Tensor:
        return values * torch.sigmoid(values * self.spec.swish_param.beta)


class BNLL(_Elementwise):
    """log(1 + e^x)."""

    def compute(self, values: Tensor) -> Tensor:
        return torch.clamp(values, min=0) + torch.log1p(torch.exp(-values.abs()))


class AbsVal(_Elementwise):
    """The absolute value."""

    def compute(self, values: Tensor) -> Tensor:
        return values.abs()


class Power(_Elementwise):
    """(shift + scale x) ^ power."""

    def compute(self, values: Tensor) -> Tensor:
        param = self.spec.power_param
        if param.power == 0:
            return torch.ones_like(values)
        inner = values * param.scale + param.shift
        return inner if param.power == 1 else torch.pow(inner, param.power)


class Exp(_Elementwise):
    """base ^ (shift + scale x); base -1 means e."""

    def compute(self, values: Tensor) -> Tensor:
        param = self.spec.exp_param
        log_base = 1.0 if param.base == -1 else math.log(param.base)
        outer = math.exp(log_base * param.shift)
        return torch.exp(values * (log_base * param.scale)) * outer


class Log(_Elementwise):
    """The logarithm of shift + scale x; base -1 means e."""

    def compute(self, values: Tensor) -> Tensor:
        param = self.spec.log_param
        log_base = 1.0 if param.base == -1 else math.log(param.base)
        return torch.log(values * param.scale + param.shift) / log_base


class Clip(_Elementwise):
    """x kept between `min` and `max`."""

    def compute(self, values: Tensor) -> Tensor:
        param = self.spec.clip_param
        if not param.HasField("min") or not param.HasField("max"):
            raise self.fail("clip_param lacks min or max", "give both")
        lowest: float = param.min
        highest: float = param.max
        top: Tensor = torch.clamp(values, lowest, highest)
        return top


class Threshold(_Elementwise):
    """1 above the threshold, 0 elsewhere; it has no gradient."""

    def compute(self, values: Tensor) -> Tensor:
        threshold: float = self.spec.threshold_param.threshold
        return (values.detach() > threshold).to(values.dtype)


class Dropout(_Elementwise):
    """While training, each value is 0 with probability `dropout_ratio` and grown by as much otherwise."""

    def compute(self, values: Tensor) -> Tensor:
        top: Tensor = functional.dropout(values, self.spec.dropout_param.dropout_ratio, self.is_training)
        return top
