"""MemoryData: arrays that the caller hands over, batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.sources.transform import Transformer


class MemoryData(SourceLayer):
    """Batches of [n, channels, height, width] and [n] that were handed over, over and over."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        self._values: tuple[Tensor, Tensor] | None = None
        self._place = 0

    def plan_tops(self) -> list[Shape]:
        param = self.spec.memory_data_param
        if min(param.batch_size, param.channels, param.height, param.width) < 1:
            raise self.fail("it wants batch_size, channels, height and width of at least 1")
        return [(param.batch_size, param.channels, param.height, param.width), (param.batch_size,)]

    def hand_over(self, values: Tensor, labels: Tensor) -> None:
        """Take what the batches shall be cut from: as many rows of both, a multiple of batch_size."""
        shape, _ = self.plan_tops()
        if (
            tuple(values.shape[1:]) != shape[1:]
            or len(values) != len(labels)
            or len(values) % shape[0]
            or not len(values)
        ):
            raise self.fail(
                f"values of shape {list(values.shape)} with {len(labels)} labels",
                f"hand over a multiple of {shape[0]} rows of shape {list(shape[1:])}",
            )
        self._values, self._place = (values.float(), labels.float().reshape(-1)), 0

    def add_images(self, images: NDArray[Any], labels: Tensor, chance: np.random.Generator) -> None:
        """Take images [n, channels, height, width] as they are stored: its transform_param is applied to them."""
        values = Transformer(self, chance).apply(list(images))
        self.hand_over(torch.from_numpy(values), labels)

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        if self._values is None:
            raise self.fail("nothing was handed over to it", "it takes arrays from a program; files come by HDF5Data")
        values, labels = self._values
        batch = self.spec.memory_data_param.batch_size
        start = self._place
        self._place = (start + batch) % len(values)
        return [torch.narrow(values, 0, start, batch), torch.narrow(labels, 0, start, batch)]
