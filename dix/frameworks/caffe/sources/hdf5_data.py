"""HDF5Data: the rows of the HDF5 files that a list names, over and over."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.blobs import Array
from dix.frameworks.caffe.files import read_bytes
from dix.frameworks.caffe.hdf5 import open_hdf5
from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.paths import Paths


class HDF5Data(SourceLayer):
    """Batches of the datasets that are named like the tops; one file in memory at a time."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        param = spec.hdf5_data_param
        if spec.HasField("transform_param"):
            raise self.fail("HDF5Data takes no transform_param", "transform the data in the files")
        if param.batch_size < 1:
            raise self.fail(f"batch_size is {param.batch_size}", "it must be at least 1")
        source = paths.find(param.source)
        self._names = read_bytes(source).decode("utf-8").split()
        if not self._names:
            raise BadData(str(source), "it names no file", "give it one HDF5 file a line")
        self._chance = np.random.default_rng(torch.initial_seed() % 2**63)
        self._files = self._order(len(self._names))
        self._file, self._row = 0, 0
        self._rows = self._order(0)
        self._values: list[Array] = []
        self._load()

    def plan_tops(self) -> list[Shape]:
        batch = self.spec.hdf5_data_param.batch_size
        return [(batch, *values.shape[1:]) for values in self._values]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        parts: list[list[Array]] = [[] for _ in self._values]
        missing = self.spec.hdf5_data_param.batch_size
        while missing:
            rows = self._rows[self._row : self._row + missing]
            for part, values in zip(parts, self._values, strict=True):
                part.append(values[rows])
            missing -= len(rows)
            self._row += len(rows)
            if self._row == len(self._rows):
                self._go_on()
        return [torch.from_numpy(np.concatenate(part)) for part in parts]

    def _go_on(self) -> None:
        """The next file, or the same again; the first once more behind the last."""
        self._row = 0
        if len(self._names) > 1:
            self._file += 1
            if self._file == len(self._names):
                self._file, self._files = 0, self._order(len(self._names))
            self._load()
        else:
            self._rows = self._order(len(self._rows))

    def _load(self) -> None:
        path = self.paths.find(self._names[self._files[self._file]])
        with open_hdf5(path) as file:
            for name in self.spec.top:
                if name not in file:
                    raise BadData(str(path), f"it has no dataset {name}, it has {', '.join(file)}", "name the tops so")
            self._values = [np.asarray(file[name], dtype=np.float32) for name in self.spec.top]
        counts = {len(values) if values.ndim else 0 for values in self._values}
        if len(counts) != 1 or 0 in counts:
            raise BadData(str(path), f"its datasets have {sorted(counts)} rows", "they must have as many, and some")
        self._rows = self._order(counts.pop())

    def _order(self, count: int) -> NDArray[np.int64]:
        if self.spec.hdf5_data_param.shuffle:
            return self._chance.permutation(count)
        return np.arange(count)
