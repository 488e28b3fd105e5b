"""Turn a BlobProto into an array and back, in its new and its legacy form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadData
from dix.frameworks.caffe.schema import make_raw_message

Array = NDArray[np.float32]


def read_blob(uri: str, blob: Any) -> Array:
    """The values of a blob, message or raw message; a legacy one has four axes. Raises BadData when it is not whole."""
    values = _read_values(blob.data, np.float32)
    if not len(values):
        values = _read_values(blob.double_data, np.float64)
    shape = find_shape(blob)
    if shape is None:
        shape = (len(values),) if len(values) > 1 else ()
    if int(np.prod(shape)) != len(values):
        raise BadData(uri, f"a blob of shape {list(shape)} has {len(values)} values", "the file is damaged")
    return values.astype(np.float32).reshape(shape)


def find_shape(blob: Any) -> tuple[int, ...] | None:
    """The shape a blob states; None when it states none, as blobs without axes do."""
    if blob.HasField("shape"):
        return tuple(blob.shape.dim)
    if any(blob.HasField(name) for name in ("num", "channels", "height", "width")):
        return (blob.num, blob.channels, blob.height, blob.width)
    return None


def fill_blob(blob: Any, values: Array) -> None:
    """Write an array into a raw BlobProto."""
    blob.data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    blob.shape.SetInParent()
    blob.shape.dim.extend(values.shape)


def make_blob(values: Array) -> Any:
    """An array as a raw BlobProto."""
    blob = make_raw_message("BlobProto")
    fill_blob(blob, values)
    return blob


def _read_values(data: Any, kind: Any) -> NDArray[Any]:
    if isinstance(data, bytes):
        return np.frombuffer(data, dtype=np.dtype(kind).newbyteorder("<"))
    return np.fromiter(data, dtype=kind, count=len(data))
