"""The losses, each with Caffe's normalizer, Caffe's floor under probabilities and Caffe's gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.files import read_mean
from dix.frameworks.caffe.layers.base import LossLayer, count_values, find_axis, take_value

_FULL, _VALID, _BATCH_SIZE = 0, 1, 2
# The floors under a probability before its logarithm is taken: FLT_MIN, and the one of the older losses.
_SMALLEST, _OLD_FLOOR = float(torch.finfo(torch.float32).tiny), 1e-20
_L2 = 2


class SoftmaxWithLoss(LossLayer):
    """The negative logarithm of the label's probability; a second top has the probabilities."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.loss_param
        axis = find_axis(self, self.spec.softmax_param.axis, bottoms[0].dim())
        rows, labels, counted = _line_up(self, bottoms, axis)
        probabilities = torch.softmax(rows.detach(), dim=1)
        exact = functional.log_softmax(rows, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        floored = probabilities.gather(1, labels.unsqueeze(1)).squeeze(1).clamp(min=_SMALLEST).log()
        losses = -take_value(floored, exact) * counted
        outer = count_values(bottoms[0].shape[:axis])
        mode = _read_mode(param, _VALID)
        tops = [losses.sum() / _normalize(mode, counted, outer)]
        if len(self.spec.top) > 1:
            moved = bottoms[0].movedim(axis, -1)
            tops.append(probabilities.reshape(moved.shape).movedim(-1, axis))
        return tops


class InfogainLoss(LossLayer):
    """Softmax loss in which each pair of label and class has a weight, from a file or a third bottom."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.infogain_loss_param
        axis = find_axis(self, param.axis, bottoms[0].dim())
        rows, labels, counted = _line_up(self, bottoms, axis)
        weights = bottoms[2].detach() if len(bottoms) > 2 else self._read_weights(rows)
        classes = rows.shape[1]
        if weights.numel() != classes * classes:
            raise self.fail(f"{weights.numel()} weights for {classes} classes", f"give {classes} x {classes}")
        exact = functional.log_softmax(rows, dim=1)
        floored = torch.softmax(rows.detach(), dim=1).clamp(min=_OLD_FLOOR).log()
        chosen = weights.reshape(classes, classes).index_select(0, labels)
        losses = -(chosen * take_value(floored, exact)).sum(dim=1) * counted
        outer = count_values(bottoms[0].shape[:axis])
        return [losses.sum() / _normalize(self.spec.loss_param.normalization, counted, outer)]

    def _read_weights(self, like: Tensor) -> Tensor:
        source = self.spec.infogain_loss_param.source
        if not source:
            raise self.fail("it has neither a third bottom nor a source", "say where the matrix is")
        return torch.from_numpy(read_mean(self.paths.find(source)).copy()).to(like.device)


class MultinomialLogisticLoss(LossLayer):
    """The negative logarithm of the label's value, for probabilities made elsewhere."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        rows = bottoms[0].reshape(bottoms[0].shape[0], -1)
        labels = bottoms[1].detach().reshape(-1).long()
        chosen = rows.gather(1, labels.unsqueeze(1))
        floored = take_value(chosen.clamp(min=_OLD_FLOOR), chosen)
        return [-floored.log().sum() / rows.shape[0]]


class SigmoidCrossEntropyLoss(LossLayer):
    """Cross-entropy of each value by itself, with targets from 0 to 1."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, values = self.spec.loss_param, bottoms[0]
        targets = bottoms[1].detach().reshape(values.shape)
        losses = values.clamp(min=0) - values * targets + torch.log1p(torch.exp(-values.abs()))
        losses = take_value(losses, functional.binary_cross_entropy_with_logits(values, targets, reduction="none"))
        counted = torch.ones_like(targets)
        if param.HasField("ignore_label"):
            counted = (targets.long() != param.ignore_label).to(values.dtype)
        mode = _read_mode(param, _BATCH_SIZE)
        return [(losses * counted).sum() / _normalize(mode, counted, values.shape[0])]


class EuclideanLoss(LossLayer):
    """Half of the squared distance, by the number of items."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        if bottoms[0].numel() != bottoms[1].numel():
            raise self.fail(f"its bottoms have shapes {list(bottoms[0].shape)} and {list(bottoms[1].shape)}")
        apart = bottoms[0] - bottoms[1].reshape(bottoms[0].shape)
        return [(apart * apart).sum() / bottoms[0].shape[0] / 2]


class HingeLoss(LossLayer):
    """How far each value is on the wrong side of 1, or that squared."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        rows = bottoms[0].reshape(bottoms[0].shape[0], -1)
        labels = bottoms[1].detach().reshape(-1, 1).long()
        signs = torch.ones_like(rows).scatter(1, labels, -1.0)
        margins = functional.relu(1 + rows * signs)
        if self.spec.hinge_loss_param.norm == _L2:
            margins = margins * margins
        return [margins.sum() / rows.shape[0]]


class ContrastiveLoss(LossLayer):
    """Pulls similar pairs together and pushes others `margin` apart."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.contrastive_loss_param
        count = bottoms[0].shape[0]
        apart = (bottoms[0] - bottoms[1]).reshape(count, -1)
        squares = (apart * apart).sum(dim=1)
        is_similar = bottoms[2].detach().reshape(-1).long() != 0
        is_legacy = param.legacy_version
        pushed = functional.relu(param.margin - squares) if is_legacy else _push(squares, param.margin)
        return [torch.where(is_similar, squares, pushed).sum() / count / 2]


def _push(squares: Tensor, margin: float) -> Tensor:
    """The squared shortfall of the distance; Caffe's gradient keeps a little from dividing by 0."""
    distance = squares.detach().sqrt()
    short = (margin - distance).clamp(min=0)
    return take_value(short * short, -short / (distance + 1e-4) * squares)


def _line_up(layer: LossLayer, bottoms: list[Tensor], axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Scores as rows, their labels, and 1 where a label counts."""
    scores, param = bottoms[0], layer.spec.loss_param
    rows = scores.movedim(axis, -1).reshape(-1, scores.shape[axis])
    labels = bottoms[1].detach().reshape(-1).long()
    if len(labels) != len(rows):
        raise layer.fail(f"{len(labels)} labels for {len(rows)} predictions", "they must be as many")
    counted = torch.ones(len(labels), dtype=scores.dtype, device=scores.device)
    if param.HasField("ignore_label"):
        counted = (labels != param.ignore_label).to(scores.dtype)
        labels = torch.where(labels == param.ignore_label, torch.zeros_like(labels), labels)
    if labels.device.type == "cpu" and len(labels):
        lowest, highest = int(labels.min()), int(labels.max())
        if lowest < 0 or highest >= rows.shape[1]:
            wrong = lowest if lowest < 0 else highest
            raise layer.fail(f"a label is {wrong}", f"labels go from 0 to {rows.shape[1] - 1}")
    return rows, labels, counted


def _read_mode(param: Any, default: int) -> int:
    """How to normalize: `normalization`, else the old switch `normalize`, else the layer's own way."""
    if param.HasField("normalization"):
        return int(param.normalization)
    if param.HasField("normalize"):
        return _VALID if param.normalize else _BATCH_SIZE
    return default


def _normalize(mode: int, counted: Tensor, outer: int) -> Tensor | float:
    """What a sum of losses is divided by; never less than 1."""
    if mode == _VALID:
        return counted.sum().clamp(min=1)
    return {_FULL: max(1.0, float(counted.numel())), _BATCH_SIZE: max(1.0, float(outer))}.get(mode, 1.0)
