"""Layers that join blobs value by value, or a blob with learned numbers: Eltwise, Scale, Bias, Parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape, find_axis, spread
from dix.frameworks.caffe.schema import make_message

PROD, SUM, MAX = 0, 1, 2


class Eltwise(Layer):
    """The product, the weighted sum or the largest of several blobs of one shape."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.eltwise_param
        if any(bottom.shape != bottoms[0].shape for bottom in bottoms):
            raise self.fail(f"its bottoms have shapes {[list(bottom.shape) for bottom in bottoms]}", "make them equal")
        if param.coeff and (len(param.coeff) != len(bottoms) or param.operation == PROD):
            raise self.fail("coeff wants one number for each bottom, and goes with SUM only")
        if param.operation == PROD:
            return [_multiply(bottoms)]
        if param.operation == MAX:
            return [_take_largest(bottoms)]
        coeffs = list(param.coeff) or [1.0] * len(bottoms)
        top = bottoms[0] * coeffs[0]
        for coeff, bottom in zip(coeffs[1:], bottoms[1:], strict=True):
            top = torch.add(top, bottom, alpha=coeff)
        return [top]


class Scale(Layer):
    """A blob times a second one, or learned numbers, along some axes; with `bias_term` a learned bias is added."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.scale_param
        if len(bottoms) > 1:
            shape, plans = bottoms[1], []
        else:
            shape = _find_shape(self, param, bottoms[0])
            plans = [BlobPlan(shape, _read_filler(param))]
        return [*plans, BlobPlan(shape, param.bias_filler)] if param.bias_term else plans

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, blobs = self.spec.scale_param, list(self.blobs)
        scale = bottoms[1] if len(bottoms) > 1 else blobs.pop(0)
        top = bottoms[0] * _place(self, scale, param.axis, bottoms[0])
        return [top + _place(self, blobs[0], param.axis, top) if param.bias_term else top]


class Bias(Layer):
    """A blob plus a second one, or learned numbers, along some axes."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.bias_param
        return [] if len(bottoms) > 1 else [BlobPlan(_find_shape(self, param, bottoms[0]), param.filler)]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        bias = bottoms[1] if len(bottoms) > 1 else self.blobs[0]
        return [bottoms[0] + _place(self, bias, self.spec.bias_param.axis, bottoms[0])]


class Parameter(Layer):
    """Learned numbers as a blob."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:  # noqa: ARG002
        return [BlobPlan(tuple(self.spec.parameter_param.shape.dim))]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        return [self.blobs[0] * 1.0]


def _multiply(bottoms: list[Tensor]) -> Tensor:
    top = bottoms[0] * bottoms[1]
    for bottom in bottoms[2:]:
        top = top * bottom
    return top


def _take_largest(bottoms: list[Tensor]) -> Tensor:
    """The largest; of the first two that are equal the second gets the gradient, later ones only when larger."""
    top = torch.where(bottoms[0] > bottoms[1], bottoms[0], bottoms[1])
    for bottom in bottoms[2:]:
        top = torch.where(bottom > top, bottom, top)
    return top


def _find_shape(layer: Layer, param: Any, bottom: Shape) -> Shape:
    """The axes of the bottom that the learned numbers lie along."""
    axis = find_axis(layer, param.axis, len(bottom))
    end = len(bottom) if param.num_axes == -1 else axis + param.num_axes
    if not axis <= end <= len(bottom):
        raise layer.fail(f"{param.num_axes} axes from axis {axis} on, of a blob with {len(bottom)}")
    return bottom[axis:end]


def _read_filler(param: Any) -> Any:
    if param.HasField("filler"):
        return param.filler
    filler = make_message("FillerParameter")
    filler.value = 1.0
    return filler


def _place(layer: Layer, numbers: Tensor, axis: int, bottom: Tensor) -> Tensor:
    if numbers.dim() == 0:
        return numbers
    start = find_axis(layer, axis, bottom.dim())
    if tuple(bottom.shape[start : start + numbers.dim()]) != tuple(numbers.shape):
        raise layer.fail(
            f"numbers of shape {list(numbers.shape)} do not lie along axis {start} of {list(bottom.shape)}"
        )
    return spread(numbers, start, bottom.dim())
