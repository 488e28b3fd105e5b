"""The recurrent net for classes: steps in, read in one or both directions, pooled over time, one number a class out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import torch
from torch import Tensor, nn

from dix.frameworks.recurrent import RecurrentSpec

Cell: TypeAlias = type[nn.LSTM] | type[nn.RNN]


class RecurrentStack(nn.Module):
    """Layers that read [n, steps, features] forwards, and backwards from each row's own end: [n, steps, width].

    What stands after a row's end never reaches a step before it, so rows of all lengths are read side by side, without
    packing them (which takes some four times as long on a CPU).
    """

    def __init__(self, cell: Cell, features: int, spec: RecurrentSpec) -> None:
        super().__init__()
        self.width = spec.hidden * (2 if spec.bidirectional else 1)
        sizes = [features, *[self.width] * (spec.layers - 1)]
        self.forwards = nn.ModuleList(cell(size, spec.hidden, batch_first=True) for size in sizes)
        self.backwards = nn.ModuleList(
            cell(size, spec.hidden, batch_first=True) for size in sizes if spec.bidirectional
        )
        self.between = nn.Dropout(spec.dropout)

    def forward(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """All rows are whole where there are no `lengths`."""
        turned = None
        if len(self.backwards):
            whole = steps.new_full((len(steps),), steps.shape[1], dtype=torch.long)
            turned = _turn_places(steps, lengths if lengths is not None else whole)
        for i, layer in enumerate(self.forwards):
            given = self.between(steps.contiguous()) if i else steps
            steps = layer(given)[0]
            if turned is not None:
                back = self.backwards[i](_take_steps(given, turned))[0]
                steps = torch.cat([steps, _take_steps(back, turned)], dim=2)
        return steps


class RecurrentNet(nn.Module):
    """Embeds words, reads, pools what it has read and what it was given (so that what one word alone tells is not lost
    on the way), and answers [n, width]; see `RecurrentSpec` for its tensors.
    """

    def __init__(self, cell: Cell, spec: RecurrentSpec) -> None:
        super().__init__()
        self.spec = spec
        self.embedding = nn.Embedding(spec.words, spec.embedding, padding_idx=0) if spec.words else None
        self.stack = RecurrentStack(cell, spec.features, spec)
        self.dropout = nn.Dropout(spec.dropout)
        self.head = nn.Linear(self.stack.width + spec.features, spec.width)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        lengths = batch["lengths"]
        given = batch["sequence" if self.embedding is None else "tokens"]
        if not self.training:  # while learning it is as wide as the longest row of all workers
            given = given[:, : int(lengths.max())]
        steps = given if self.embedding is None else self.embedding(given)
        steps = self.dropout(steps)
        read = torch.cat([self.stack(steps, lengths), steps], dim=2)
        said: Tensor = self.head(self.dropout(self._pool(read, lengths)))
        return said

    def _pool(self, read: Tensor, lengths: Tensor) -> Tensor:
        if self.spec.pooling == "last":
            return self._take_ends(read, lengths)
        beyond = (torch.arange(read.shape[1], device=read.device) >= lengths[:, None]).unsqueeze(2)
        if self.spec.pooling == "max":
            return read.masked_fill(beyond, -torch.inf).amax(dim=1)
        return read.masked_fill(beyond, 0.0).sum(dim=1) / lengths[:, None]

    def _take_ends(self, read: Tensor, lengths: Tensor) -> Tensor:
        """What each direction has read at its last step: the end of the row, and its beginning."""
        last = (lengths - 1)[:, None, None].expand(-1, 1, read.shape[2])
        ends = read.gather(1, last).squeeze(1)
        if not self.spec.bidirectional:
            return ends
        back = slice(self.spec.hidden, 2 * self.spec.hidden)
        return torch.cat([ends[:, : back.start], read[:, 0, back], ends[:, back.stop :]], dim=1)


def _turn_places(steps: Tensor, lengths: Tensor) -> Tensor:
    """For each row the steps in the other order, [n, steps]; what stands after its end stays."""
    places = torch.arange(steps.shape[1], device=steps.device).expand(len(steps), -1)
    ends = lengths[:, None]
    return torch.where(places < ends, ends - 1 - places, places)


def _take_steps(steps: Tensor, places: Tensor) -> Tensor:
    return steps.gather(1, places.unsqueeze(2).expand(-1, -1, steps.shape[2]))
