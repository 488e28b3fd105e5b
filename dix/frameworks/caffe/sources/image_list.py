"""ImageData: the image files that a list names, each with its label, over and over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.files import read_bytes
from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.sources.images import Pixels, read_image
from dix.frameworks.caffe.sources.transform import Transformer


class ImageData(SourceLayer):
    """Batches of decoded images and their labels."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        param = spec.image_data_param
        if param.batch_size < 1:
            raise self.fail(f"batch_size is {param.batch_size}", "it must be at least 1")
        if bool(param.new_height) != bool(param.new_width):
            raise self.fail("it has one of new_height and new_width", "give both or none")
        self._lines = _read_list(paths.find(param.source))
        self._chance = np.random.default_rng(torch.initial_seed() % 2**63)
        self._transformer = Transformer(self, self._chance)
        self._items = self._read()

    def plan_tops(self) -> list[Shape]:
        batch = self.spec.image_data_param.batch_size
        shape = self._transformer.find_shape(self._open(self._lines[0][0]).shape)
        return [(batch, *shape), (batch,)][: len(self.spec.top)]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        batch = [next(self._items) for _ in range(self.spec.image_data_param.batch_size)]
        images = torch.from_numpy(self._transformer.apply([self._open(name) for name, _ in batch]))
        labels = torch.tensor([float(label) for _, label in batch])
        return [images, labels][: len(self.spec.top)]

    def _read(self) -> Iterator[tuple[str, int]]:
        param = self.spec.image_data_param
        order = np.arange(len(self._lines))
        start = int(self._chance.integers(param.rand_skip)) if param.rand_skip else 0
        while True:
            if param.shuffle:
                order = self._chance.permutation(len(self._lines))
            for place in order[start:]:
                yield self._lines[place]
            start = 0

    def _open(self, name: str) -> Pixels:
        param = self.spec.image_data_param
        size = (param.new_height, param.new_width) if param.new_height else None
        return read_image(self.paths.find(param.root_folder + name), size, is_color=param.is_color)


def _read_list(path: Path) -> list[tuple[str, int]]:
    lines = []
    for number, line in enumerate(read_bytes(path).decode("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        name, _, label = line.strip().rpartition(" ")
        try:
            lines.append((name.strip(), int(label)))
        except ValueError as error:
            raise BadData(
                str(path), f"line {number} does not end in a label: {line!r}", "write `file label`"
            ) from error
    if not lines:
        raise BadData(str(path), "it names no image", "write one `file label` a line")
    return lines
