"""Layers that normalize: LRN across and within channels, BatchNorm, MVN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape, spread

_WITHIN_CHANNEL = 1


class LRN(Layer):
    """Each value by a power of its neighbours' squares; alpha is over the number of neighbours."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom = self.spec.lrn_param, bottoms[0]
        if param.local_size % 2 == 0:
            raise self.fail(f"local_size is {param.local_size}", "it must be odd")
        if param.norm_region == _WITHIN_CHANNEL:
            means = functional.avg_pool2d(bottom * bottom, param.local_size, 1, (param.local_size - 1) // 2)
            return [bottom * torch.pow(means * param.alpha + 1.0, -param.beta)]
        return [functional.local_response_norm(bottom, param.local_size, param.alpha, param.beta, param.k)]


class BatchNorm(Layer):
    """Each channel to mean 0 and variance 1, by the batch while training and by what was learned in the test.

    Its three blobs are the sums of means and of variances, and the factor both are to be divided by.
    """

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        channels = bottoms[0][1] if len(bottoms[0]) > 1 else 1
        return [BlobPlan(shape, is_statistic=True) for shape in ((channels,), (channels,), (1,))]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.batch_norm_param
        values = bottoms[0] if bottoms[0].dim() > 1 else bottoms[0].reshape(-1, 1)
        by_batch = self.is_training if not param.HasField("use_global_stats") else not param.use_global_stats
        top = self._by_batch(values, param.eps) if by_batch else self._by_statistics(values, param.eps)
        return [top.reshape(bottoms[0].shape)]

    def _by_statistics(self, values: Tensor, eps: float) -> Tensor:
        mean, variance, factor = self.blobs
        scale = torch.where(factor == 0, torch.zeros_like(factor), 1 / factor)
        centred = values - spread(mean * scale, 1, values.dim())
        return centred / spread(torch.sqrt(variance * scale + eps), 1, values.dim())

    def _by_batch(self, values: Tensor, eps: float) -> Tensor:
        self._remember(values.detach())
        return torch.batch_norm(values, None, None, None, None, True, 0.0, eps, False)

    @torch.no_grad()
    def _remember(self, values: Tensor) -> None:
        """Add the batch to the running sums; the variance is kept as that of a sample."""
        mean, variance, factor = self.blobs
        keep = self.spec.batch_norm_param.moving_average_fraction
        axes = [axis for axis in range(values.dim()) if axis != 1]
        spreads, means = torch.var_mean(values, dim=axes, correction=0)
        count = values.numel() // values.shape[1]
        correction = count / (count - 1) if count > 1 else 1.0
        mean.mul_(keep).add_(means)
        variance.mul_(keep).add_(spreads, alpha=correction)
        factor.mul_(keep).add_(1.0)


class MVN(Layer):
    """Each image, or each of its channels, to mean 0 and, with `normalize_variance`, deviation 1."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom = self.spec.mvn_param, bottoms[0]
        rows = bottom.reshape(bottom.shape[0] * (1 if param.across_channels else bottom.shape[1]), -1)
        if param.normalize_variance:
            top: Tensor = _Normalize.apply(rows, param.eps)  # type: ignore[no-untyped-call]
        else:
            top = rows - rows.mean(dim=1, keepdim=True)
        return [top.reshape(bottom.shape)]


class _Normalize(torch.autograd.Function):
    """Rows by their deviation plus eps, with Caffe's gradient: it takes eps as if it stood under the root."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, eps: float) -> Tensor:
        centred = rows - rows.mean(dim=1, keepdim=True)
        deviation = torch.sqrt((centred * centred).mean(dim=1, keepdim=True)) + eps
        top = centred / deviation
        ctx.save_for_backward(top, deviation)
        return top

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        top, deviation = ctx.saved_tensors
        mean = gradient.mean(dim=1, keepdim=True)
        return (gradient - mean - top * (gradient * top).mean(dim=1, keepdim=True)) / deviation, None
