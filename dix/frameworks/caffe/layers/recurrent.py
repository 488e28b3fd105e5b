"""LSTM and RNN over a batch of (steps, streams, ...), with marks of where sequences go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.layers.base import BlobPlan, Layer, Shape, count_values
from dix.frameworks.caffe.paths import Paths


class _Recurrent(Layer):
    """What both share: the input transformed for all steps at once, then one step after the other.

    Without `expose_hidden` the state at a batch's end is where the next batch starts, without gradient.
    """

    states = 0
    gates = 0

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        self._carried: list[Tensor] | None = None

    def reset(self) -> None:
        self._carried = None

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.recurrent_param
        width, inputs = param.num_output, count_values(bottoms[0][2:])
        if width < 1:
            raise self.fail(f"num_output is {width}", "it must be at least 1")
        plans = [
            BlobPlan((self.gates * width, inputs), param.weight_filler),
            BlobPlan((self.gates * width,), param.bias_filler),
        ]
        if self._has_static(len(bottoms)):
            plans.append(BlobPlan((self.gates * width, count_values(bottoms[2][1:])), param.weight_filler))
        plans.append(BlobPlan((self.gates * width, width), param.weight_filler))
        return plans

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, steps, streams = self.spec.recurrent_param, bottoms[0].shape[0], bottoms[0].shape[1]
        marks = bottoms[1].detach()
        if tuple(marks.shape) != (steps, streams):
            raise self.fail(f"its marks have shape {list(marks.shape)}", f"they must have {[steps, streams]}")
        blobs = list(self.blobs)
        inputs = functional.linear(bottoms[0].reshape(steps, streams, -1), blobs.pop(0), blobs.pop(0))
        has_static = self._has_static(len(bottoms))
        if has_static:
            inputs = inputs + functional.linear(bottoms[2].reshape(streams, -1), blobs.pop(0))
        state = self._start(bottoms[2 + has_static :], inputs, param.num_output)
        outputs = []
        for step in range(steps):
            state, output = self.advance(state, inputs[step], marks[step].unsqueeze(1), blobs)
            outputs.append(output)
        tops = [torch.stack(outputs)]
        if param.expose_hidden:
            # Caffe hands the states over as values: no gradient goes through them, in or out.
            return tops + [part.detach().unsqueeze(0) for part in state]
        if not inputs.is_meta:
            self._carried = [part.detach() for part in state]
        return tops

    def advance(
        self, state: list[Tensor], inputs: Tensor, mark: Tensor, blobs: list[Tensor]
    ) -> tuple[list[Tensor], Tensor]:
        """The state and the output one step later."""
        raise NotImplementedError

    def _has_static(self, count: int) -> bool:
        exposed = self.states if self.spec.recurrent_param.expose_hidden else 0
        return count > 2 + exposed

    def _start(self, given: list[Tensor], like: Tensor, width: int) -> list[Tensor]:
        if self.spec.recurrent_param.expose_hidden:
            return [part.detach().reshape(like.shape[1], width) for part in given]
        carried = self._carried
        if carried is None or carried[0].shape != (like.shape[1], width) or carried[0].device != like.device:
            return [like.new_zeros(like.shape[1], width) for _ in range(self.states)]
        return carried


class LSTM(_Recurrent):
    """Blobs: input weights and bias, static input weights if there is one, hidden weights; gates i, f, o, g."""

    states = 2
    gates = 4

    def advance(
        self, state: list[Tensor], inputs: Tensor, mark: Tensor, blobs: list[Tensor]
    ) -> tuple[list[Tensor], Tensor]:
        hidden, cell = state
        into, forget, out, new = torch.chunk(inputs + functional.linear(hidden * mark, blobs[0]), 4, dim=1)
        cell = mark * torch.sigmoid(forget) * cell + torch.sigmoid(into) * torch.tanh(new)
        hidden = torch.sigmoid(out) * torch.tanh(cell)
        return [hidden, cell], hidden


class RNN(_Recurrent):
    """Blobs as those of LSTM, then the output's weights and bias."""

    states = 1
    gates = 1

    def plan_blobs(self, bottoms: Sequence[Shape]) -> list[BlobPlan]:
        param = self.spec.recurrent_param
        width = param.num_output
        output = [BlobPlan((width, width), param.weight_filler), BlobPlan((width,), param.bias_filler)]
        return super().plan_blobs(bottoms) + output

    def advance(
        self, state: list[Tensor], inputs: Tensor, mark: Tensor, blobs: list[Tensor]
    ) -> tuple[list[Tensor], Tensor]:
        hidden = torch.tanh(inputs + functional.linear(state[0] * mark, blobs[0]))
        return [hidden], torch.tanh(functional.linear(hidden, blobs[1], blobs[2]))
