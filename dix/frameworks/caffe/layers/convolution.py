"""Convolution, deconvolution and im2col, over one to three axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape, find_axis
from dix.frameworks.caffe.layers.geometry import Window, read_window

_CONVOLVE = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
_TRANSPOSE = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}


class Convolution(Layer):
    """Cross-correlation with weights (out, in / group, kernel); several bottoms share the weights."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.convolution_param
        axis = find_axis(self, param.axis, len(bottoms[0]))
        channels, window = bottoms[0][axis], self._read_window(bottoms[0])
        if param.num_output < 1 or param.num_output % param.group or channels % param.group:
            raise self.fail(
                f"group {param.group} with {channels} channels in and {param.num_output} out",
                "both must be multiples of the group",
            )
        first, second = self._order(channels, param.num_output, param.group)
        plans = [BlobPlan((first, second, *window.kernel), param.weight_filler)]
        if param.bias_term:
            plans.append(BlobPlan((param.num_output,), param.bias_filler))
        return plans

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        return [self._apply(bottom) for bottom in bottoms]

    def _order(self, channels: int, outputs: int, group: int) -> tuple[int, int]:
        """The first two sides of the weights."""
        return outputs, channels // group

    def _read_window(self, shape: Shape) -> Window:
        param = self.spec.convolution_param
        axes = len(shape) - find_axis(self, param.axis, len(shape)) - 1
        if axes not in _CONVOLVE:
            raise self.fail(f"{axes} axes behind the channels", "only one to three are supported")
        return read_window(self, param, axes)

    def _apply(self, bottom: Tensor) -> Tensor:
        shape = tuple(bottom.shape)
        axis = find_axis(self, self.spec.convolution_param.axis, len(shape))
        window = self._read_window(shape)
        top = self._convolve(bottom.reshape(-1, *shape[axis:]), window)
        return top.reshape(*shape[:axis], *top.shape[1:])

    def _convolve(self, values: Tensor, window: Window) -> Tensor:
        bias = self.blobs[1] if len(self.blobs) > 1 else None
        convolve = _CONVOLVE[len(window.kernel)]
        group = self.spec.convolution_param.group
        return convolve(values, self.blobs[0], bias, window.stride, window.pad, window.dilation, group)


class Deconvolution(Convolution):
    """The gradient of a convolution as a layer; weights (in, out / group, kernel)."""

    def _order(self, channels: int, outputs: int, group: int) -> tuple[int, int]:
        return channels, outputs // group

    def _convolve(self, values: Tensor, window: Window) -> Tensor:
        bias = self.blobs[1] if len(self.blobs) > 1 else None
        transpose = _TRANSPOSE[len(window.kernel)]
        group = self.spec.convolution_param.group
        return transpose(values, self.blobs[0], bias, window.stride, window.pad, 0, group, window.dilation)


class Im2col(Layer):
    """The windows of an image as columns: (n, c x kernel, height, width)."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        window = read_window(self, self.spec.convolution_param, 2)
        tops = []
        for bottom in bottoms:
            columns = functional.unfold(bottom, window.kernel, window.dilation, window.pad, window.stride)
            sizes = [
                (size + 2 * pad - (dilation * (kernel - 1) + 1)) // stride + 1
                for size, kernel, stride, pad, dilation in zip(
                    bottom.shape[2:], window.kernel, window.stride, window.pad, window.dilation, strict=True
                )
            ]
            tops.append(columns.reshape(*columns.shape[:2], *sizes))
        return tops


class InnerProduct(Layer):
    """A matrix product over all axes from `axis` on; weights (out, in), or (in, out) with `transpose`."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.inner_product_param
        axis = find_axis(self, param.axis, len(bottoms[0]))
        inputs = int(torch.Size(bottoms[0][axis:]).numel())
        if param.num_output < 1:
            raise self.fail(f"num_output is {param.num_output}", "it must be at least 1")
        shape = (inputs, param.num_output) if param.transpose else (param.num_output, inputs)
        plans = [BlobPlan(shape, param.weight_filler)]
        if param.bias_term:
            plans.append(BlobPlan((param.num_output,), param.bias_filler))
        return plans

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.inner_product_param
        shape = tuple(bottoms[0].shape)
        axis = find_axis(self, param.axis, len(shape))
        weight = self.blobs[0].t() if param.transpose else self.blobs[0]
        rows = bottoms[0].reshape(-1, weight.shape[1])
        top = functional.linear(rows, weight, self.blobs[1] if param.bias_term else None)
        return [top.reshape(*shape[:axis], param.num_output)]


class Embed(Layer):
    """Rows of a table, chosen by whole numbers; no gradient goes to the numbers."""

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:  # noqa: ARG002
        param = self.spec.embed_param
        plans = [BlobPlan((param.input_dim, param.num_output), param.weight_filler)]
        if param.bias_term:
            plans.append(BlobPlan((param.num_output,), param.bias_filler))
        return plans

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        top = functional.embedding(bottoms[0].detach().long(), self.blobs[0])
        return [top + self.blobs[1] if self.spec.embed_param.bias_term else top]
