"""Data: records of an LMDB in the order of their keys, over and over."""

from __future__ import annotations

from typing import Any

import lmdb
import numpy as np
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.schema import make_raw_message
from dix.frameworks.caffe.sources.images import decode_image
from dix.frameworks.caffe.sources.transform import Transformer


class Data(SourceLayer):
    """Batches of images and their labels; the end of the records is in the middle of a batch, if need be."""

    def __init__(self, spec: Any, paths: Paths) -> None:
        super().__init__(spec, paths)
        param = spec.data_param
        if param.batch_size < 1:
            raise self.fail(f"batch_size is {param.batch_size}", "it must be at least 1")
        self._source = str(paths.find(param.source))
        self._transformer = Transformer(self, np.random.default_rng(torch.initial_seed() % 2**63))
        self._last: bytes | None = None

    def plan_tops(self) -> list[Shape]:
        (record,), _ = _read_records(self._source, None, 1)
        image, _ = self._decode(*record)
        batch = self.spec.data_param.batch_size
        shapes = [(batch, *self._transformer.find_shape(image.shape)), (batch,)]
        return shapes[: len(self.spec.top)]

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        records, self._last = _read_records(self._source, self._last, self.spec.data_param.batch_size)
        batch = [self._decode(*record) for record in records]
        images = torch.from_numpy(self._transformer.apply([image for image, _ in batch]))
        labels = torch.tensor([label for _, label in batch], dtype=torch.float32)
        return [images, labels][: len(self.spec.top)]

    def _decode(self, key: bytes, value: bytes) -> tuple[NDArray[Any], float]:
        uri = f"{self._source} record {key.decode(errors='replace')}"
        datum = make_raw_message("Datum")
        try:
            datum.ParseFromString(value)
        except DecodeError as error:
            raise BadData(uri, "it is not a Datum") from error
        if datum.encoded:
            return decode_image(uri, datum.data, is_color=self._wants_color()), float(datum.label)
        shape = (datum.channels, datum.height, datum.width)
        flat: NDArray[Any] = np.frombuffer(datum.data, dtype=np.uint8)
        if not len(flat):
            flat = np.fromiter(datum.float_data, dtype=np.float32, count=len(datum.float_data))
        if flat.size != shape[0] * shape[1] * shape[2]:
            raise BadData(uri, f"it says {list(shape)} and has {flat.size} values")
        return flat.reshape(shape), float(datum.label)

    def _wants_color(self) -> bool | None:
        param = self.spec.transform_param
        if param.force_color and param.force_gray:
            raise self.fail("it has both force_color and force_gray", "keep one of them")
        if param.force_color or self.spec.data_param.force_encoded_color:
            return True
        return False if param.force_gray else None


def _read_records(path: str, last: bytes | None, count: int) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The `count` records behind the key `last` (None: from the first), going on at the start, and the last one's key.

    LMDB lets a process open a file once only, and the nets to train and to test may read the same one: so it is open
    no longer than a batch takes, which costs a tenth of a millisecond.
    """
    records: list[tuple[bytes, bytes]] = []
    with _open(path) as environment, environment.begin() as transaction:
        cursor = transaction.cursor()
        found = cursor.set_range(last) and cursor.next() if last is not None else cursor.first()
        while len(records) < count:
            if not found and not cursor.first():
                raise BadData(path, "there is no record in it")
            records.append((bytes(cursor.key()), bytes(cursor.value())))
            found = cursor.next()
    return records, records[-1][0]


def _open(path: str) -> Any:
    try:
        return lmdb.open(path, readonly=True, lock=False, max_readers=1, readahead=False)
    except lmdb.Error as error:
        raise BadData(path, f"it cannot be opened as LMDB ({error})", "is it the folder with data.mdb?") from error
