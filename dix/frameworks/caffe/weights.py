"""Copy weights into a net by the names of its layers, and write them out, as binary or HDF5."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.blobs import Array, fill_blob, read_blob
from dix.frameworks.caffe.files import read_weights, write_message
from dix.frameworks.caffe.hdf5 import open_hdf5
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.schema import make_raw_message


def load_weights(net: Net, path: Path) -> list[str]:
    """Copy the weights of a `.caffemodel` or `.caffemodel.h5` into the layers of the same name.

    Answers the layers that were filled. Layers that only one of both has are left alone; raises BadData for a layer
    that both have with another number or shape of blobs, DataMissing without a file.
    """
    filled = []
    for name, blobs in _read_hdf5(net, path) if path.suffix == ".h5" else _read_binary(path):
        layer = net.layers.get(name)
        if layer is None or not blobs:
            continue
        if len(blobs) != len(layer.blobs):
            raise BadData(
                str(path), f"layer {name} has {len(blobs)} blobs in it and {len(layer.blobs)} in the net", _RENAME
            )
        for i, (values, legacy) in enumerate(blobs):
            if values is not None:
                _copy((path, name, i), values, layer.blobs[i], legacy=legacy)
        filled.append(name)
    return filled


def save_weights(net: Net, path: Path, *, with_gradients: bool = False) -> None:
    """Write a net with its weights, binary or (by the name's ending `.h5`) HDF5."""
    if path.suffix == ".h5":
        _write_hdf5(net, path, with_gradients)
    else:
        write_message(path, make_weights(net, with_gradients=with_gradients))


def make_weights(net: Net, *, with_gradients: bool = False) -> Any:
    """A net with its weights as a raw NetParameter."""
    message = make_raw_message("NetParameter")
    message.name = net.name
    for layer in net.layers.values():
        copy = message.layer.add()
        copy.ParseFromString(layer.spec.SerializeToString())
        copy.ClearField("blobs")
        for tensor in layer.blobs:
            blob = copy.blobs.add()
            fill_blob(blob, to_array(tensor))
            if with_gradients:
                blob.diff = np.ascontiguousarray(_read_gradient(tensor), dtype="<f4").tobytes()
    return message


def to_array(tensor: Tensor) -> Array:
    """A tensor's values in main memory."""
    values: Array = tensor.detach().cpu().numpy()
    return values


_RENAME = "rename the layer in the prototxt to train it anew"
# The values of one blob, and whether their shape is of the legacy kind with four axes; None where a file leaves out
# what another layer shares.
_Blobs = list[tuple[Array | None, bool]]


def _read_binary(path: Path) -> Iterator[tuple[str, _Blobs]]:
    for layer in read_weights(path).layer:
        yield layer.name, [(read_blob(str(path), blob), not blob.HasField("shape")) for blob in layer.blobs]


def _read_hdf5(net: Net, path: Path) -> Iterator[tuple[str, _Blobs]]:
    with open_hdf5(path) as file:
        for name, layer in net.layers.items():
            group = file.get(f"data/{name}")
            if isinstance(group, h5py.Group) and len(group):
                places = [str(i) for i in range(max(len(layer.blobs), len(group)))]
                yield name, [(np.asarray(group[place]) if place in group else None, False) for place in places]


def _copy(where: tuple[Path, str, int], values: Array, into: Tensor, *, legacy: bool) -> None:
    path, name, i = where
    shape, wanted = tuple(values.shape), tuple(into.shape)
    fits = shape == wanted or (legacy and shape == (1,) * (4 - len(wanted)) + wanted)
    if not fits and not (values.size == into.numel() == 1):
        raise BadData(str(path), f"blob {i} of layer {name} has shape {list(shape)}, the net's {list(wanted)}", _RENAME)
    with torch.no_grad():
        into.copy_(torch.from_numpy(np.require(values, np.float32, ["C", "W"])).reshape(wanted))


def _write_hdf5(net: Net, path: Path, with_gradients: bool) -> None:  # noqa: FBT001
    owned = {param.owner for param in net.params}
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        groups = ["data", "diff"] if with_gradients else ["data"]
        for kind in groups:
            for name, layer in net.layers.items():
                group = file.create_group(f"{kind}/{name}")
                for i, tensor in enumerate(layer.blobs):
                    if (name, i) in owned or kind == "diff":
                        group[str(i)] = to_array(tensor) if kind == "data" else _read_gradient(tensor)


def _read_gradient(tensor: Tensor) -> Array:
    return to_array(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)
