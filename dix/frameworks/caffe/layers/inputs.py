"""Layers that bring in what the caller hands over, or what is made up: Input and DummyData."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dix.frameworks.caffe.fillers import fill
from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.paths import Paths


class Input(SourceLayer):
    """What was handed to the net for this batch; zeros until then."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        self._given: dict[str, Tensor] = {}

    def plan_tops(self) -> list[Shape]:
        shapes = [tuple(shape.dim) for shape in self.spec.input_param.shape]
        if len(shapes) == 1:
            shapes *= len(self.spec.top)
        if len(shapes) != len(self.spec.top):
            raise self.fail(f"{len(shapes)} shapes for {len(self.spec.top)} tops", "give one, or one for each")
        return shapes

    def hand_over(self, name: str, values: Tensor) -> None:
        """Take the values of one top for the batches to come."""
        self._given[name] = values

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        return [
            self._given[name] if name in self._given else torch.zeros(shape)
            for name, shape in zip(self.spec.top, self.plan_tops(), strict=True)
        ]


class DummyData(SourceLayer):
    """Blobs from fillers: constant ones made once, others anew for each batch."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        self._chance = torch.Generator().manual_seed(0)
        self._constant: dict[int, Tensor] = {}

    def plan_tops(self) -> list[Shape]:
        param, count = self.spec.dummy_data_param, len(self.spec.top)
        shapes = [tuple(shape.dim) for shape in param.shape]
        if not shapes:
            sides = (param.num, param.channels, param.height, param.width)
            shapes = [tuple(side[i] for side in sides) for i in range(len(param.num))]
        if len(shapes) == 1:
            shapes *= count
        if len(shapes) != count or len(param.data_filler) not in {0, 1, count}:
            raise self.fail(f"{len(shapes)} shapes for {count} tops", "give shapes and fillers one, or one for each")
        return shapes

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        return [self._make(i, shape) for i, shape in enumerate(self.plan_tops())]

    def _make(self, i: int, shape: Shape) -> Tensor:
        fillers = self.spec.dummy_data_param.data_filler
        filler = fillers[i if len(fillers) > 1 else 0] if fillers else None
        if i in self._constant:
            return self._constant[i]
        values = torch.from_numpy(fill(filler, shape, self._chance))
        if filler is None or filler.type == "constant":
            self._constant[i] = values
        return values
