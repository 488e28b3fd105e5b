"""Batch norm over the batch of all workers, as one worker does it over the same rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm

from dix.frameworks.torch.peers import Peers


class GlobalBatchNorm(_BatchNorm):
    """Stands for any of torch's, with its weights, buffers and names."""

    def __init__(self, local: _BatchNorm, peers: Peers) -> None:
        super().__init__(local.num_features, local.eps, local.momentum, local.affine, local.track_running_stats)
        self._peers = peers
        self.weight, self.bias = local.weight, local.bias
        self.running_mean, self.running_var = local.running_mean, local.running_var
        self.num_batches_tracked = local.num_batches_tracked
        self.train(local.training)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        count, mean, var = _measure(x.detach().float(), self._peers)
        self._track(count, mean, var)
        normed: Tensor = _Normalize.apply(x, mean, var, count, self.eps, self._peers)  # type: ignore[no-untyped-call]
        if self.weight is None:
            return normed
        shape = [1, -1, *[1] * (x.dim() - 2)]
        return normed * self.weight.to(x.dtype).view(shape) + self.bias.to(x.dtype).view(shape)

    def _check_input_dim(self, input: Tensor) -> None:
        """It takes what the one that it stands for takes."""

    @torch.no_grad()
    def _track(self, count: Tensor, mean: Tensor, var: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        step = self.momentum if self.momentum is not None else 1.0 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean, step)
        self.running_var.lerp_(var * count / (count - 1), step)


class _Normalize(torch.autograd.Function):
    """(x - mean) / sqrt(var + eps), where each worker's rows have a part in mean and variance of all."""

    @staticmethod
    def forward(  # noqa: PLR0917 autograd hands all of them on by position
        ctx: Any, x: Tensor, mean: Tensor, var: Tensor, count: Tensor, eps: float, peers: Peers
    ) -> Tensor:
        normed = nn.functional.batch_norm(x, mean, var, eps=eps)
        ctx.save_for_backward(normed, var, count)
        ctx.eps, ctx.peers = eps, peers
        return normed

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        normed, var, count = ctx.saved_tensors
        dims = _list_dims(grad)
        sums = torch.stack([grad.sum(dims, dtype=torch.float32), (grad * normed).sum(dims, dtype=torch.float32)])
        ctx.peers.add(sums)
        shape = [1, -1, *[1] * (grad.dim() - 2)]
        level, slope = ((one / count).to(grad.dtype).view(shape) for one in sums)
        scale = (var + ctx.eps).rsqrt().to(grad.dtype).view(shape)
        return (grad - level - normed * slope) * scale, None, None, None, None, None


def _measure(x: Tensor, peers: Peers) -> tuple[Tensor, Tensor, Tensor]:
    """How many values of each channel all workers have, with their mean and variance.

    Each worker's own mean and variance go into its line of a table that is zero elsewhere, so that no line is rounded
    when they are added up. Source: T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating Formulae and a Pairwise
    Algorithm for Computing Sample Variances", 1979.
    """
    channels = x.shape[1]
    table = x.new_zeros(peers.count, 2 * channels + 1)
    if peers.takes_part:
        rows = x.numel() // channels
        var, mean = torch.var_mean(x, _list_dims(x), correction=0)
        table[peers.rank] = torch.cat([mean, var, mean.new_tensor([rows])])
    peers.add(table)
    means, variances, counts = torch.split(table, [channels, channels, 1], dim=1)
    count = counts.sum()
    mean = (means * counts).sum(0) / count
    var = ((variances + (means - mean).square()) * counts).sum(0) / count
    return count, mean, var


def _list_dims(x: Tensor) -> list[int]:
    """All but the channels."""
    return [0, *range(2, x.dim())]
