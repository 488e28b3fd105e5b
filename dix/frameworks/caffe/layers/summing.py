"""Layers that make fewer values of many: Softmax, ArgMax, Reduction, Accuracy."""

from __future__ import annotations

import torch
from torch import Tensor

from dix.frameworks.caffe.layers.base import Layer, count_values, find_axis

_SUM, _ASUM, _SUMSQ, _MEAN = 1, 2, 3, 4


class Softmax(Layer):
    """Probabilities along an axis."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        axis = find_axis(self, self.spec.softmax_param.axis, bottoms[0].dim())
        return [torch.softmax(bottoms[0], dim=axis)]


class Reduction(Layer):
    """The sum, the sum of absolute values or squares, or the mean of all axes from `axis` on."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, shape = self.spec.reduction_param, tuple(bottoms[0].shape)
        axis = find_axis(self, param.axis, len(shape))
        rows = bottoms[0].reshape(*shape[:axis], count_values(shape[axis:]))
        if param.operation == _ASUM:
            rows = rows.abs()
        elif param.operation == _SUMSQ:
            rows = rows * rows
        top = rows.mean(dim=-1) if param.operation == _MEAN else rows.sum(dim=-1)
        return [top * param.coeff]


class ArgMax(Layer):
    """The places of the `top_k` largest values, or the values; of equal ones the later comes first. No gradient."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom = self.spec.argmax_param, bottoms[0].detach()
        by_axis = param.HasField("axis")
        axis = find_axis(self, param.axis, bottom.dim()) if by_axis else 1
        values = bottom if by_axis else bottom.reshape(bottom.shape[0], -1)
        if not 1 <= param.top_k <= values.shape[axis]:
            raise self.fail(f"top_k is {param.top_k} for {values.shape[axis]} values")
        ordered, places = torch.sort(values.flip(axis), dim=axis, descending=True, stable=True)
        ordered = ordered.narrow(axis, 0, param.top_k)
        places = (values.shape[axis] - 1 - places.narrow(axis, 0, param.top_k)).to(bottom.dtype)
        if by_axis:
            return [ordered if param.out_max_val else places]
        rows = torch.stack([places, ordered], dim=1) if param.out_max_val else places.unsqueeze(1)
        return [rows.reshape(*rows.shape, *(1,) * max(0, bottom.dim() - 3))]


class Accuracy(Layer):
    """The share of labels among the `top_k`; a tie counts against the label. A second top has it by class."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, scores = self.spec.accuracy_param, bottoms[0].detach()
        axis = find_axis(self, param.axis, scores.dim())
        rows = scores.movedim(axis, -1).reshape(-1, scores.shape[axis])
        labels = bottoms[1].detach().reshape(-1).long()
        if len(labels) != len(rows):
            raise self.fail(f"{len(labels)} labels for {len(rows)} predictions", "they must be as many")
        counted = labels != param.ignore_label if param.HasField("ignore_label") else torch.ones_like(labels) == 1
        chosen = labels.clamp(0, rows.shape[1] - 1)
        better = (rows >= rows.gather(1, chosen.unsqueeze(1))).sum(dim=1) - 1
        right = ((better < param.top_k) & counted).to(scores.dtype)
        total = counted.sum().to(scores.dtype)
        tops = [right.sum() / total.clamp(min=1)]
        if len(self.spec.top) > 1:
            tops.append(_by_class(chosen, right, counted.to(scores.dtype), rows.shape[1]))
        return tops


def _by_class(labels: Tensor, right: Tensor, counted: Tensor, classes: int) -> Tensor:
    zeros = torch.zeros(classes, dtype=right.dtype, device=right.device)
    hits, totals = zeros.index_add(0, labels, right), zeros.index_add(0, labels, counted)
    return hits / totals.clamp(min=1)
