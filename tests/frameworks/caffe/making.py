"""Small nets, solvers and data for the tests of this room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import lmdb
import numpy as np
import torch
from torch import Tensor

from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.prototxt import parse_text
from dix.frameworks.caffe.schema import TEST, make_message, make_raw_message
from dix.frameworks.caffe.upgrade import upgrade_net

NET = """
name: "small"
layer { name: "rows" type: "HDF5Data" top: "data" top: "label"
  hdf5_data_param { source: "rows.txt" batch_size: 8 } }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "accuracy" type: "Accuracy" bottom: "ip" bottom: "label" top: "accuracy" include { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
"""
SOLVER = """
net: "net.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 6 momentum: 0.9 display: 2
test_iter: 2 test_interval: 3 snapshot: 3 snapshot_prefix: "snap/small" random_seed: 7
"""


def parse(name: str, text: str) -> Any:
    """A message from text without anything unknown."""
    message = make_message(name)
    assert parse_text("a test", text, message) == []
    return message


def make_net(text: str, phase: int = TEST, folder: Path = Path()) -> Net:
    """A net from its prototxt."""
    message = parse("NetParameter", text)
    upgrade_net("a test", message)
    state = make_message("NetState")
    state.phase = phase
    return Net(message, state, NetOrigin("a test", Paths((folder,))))


def run_layer(text: str, *bottoms: Any, phase: int = TEST, blobs: tuple[Any, ...] = ()) -> list[Tensor]:
    """The tops of one layer for its bottoms, which can be asked for gradients."""
    tensors = [torch.tensor(np.asarray(bottom, dtype=np.float32), requires_grad=True) for bottom in bottoms]
    inputs = ""
    for i, tensor in enumerate(tensors):
        dims = " ".join(f"dim: {size}" for size in tensor.shape)
        inputs += f'layer {{ name: "in{i}" type: "Input" top: "in{i}" input_param {{ shape {{ {dims} }} }} }}\n'
    names = " ".join(f'bottom: "in{i}"' for i in range(len(tensors)))
    net = make_net(f'{inputs} layer {{ name: "it" {names} {text} }}', phase)
    layer = net.layers["it"]
    layer.blobs = [
        torch.tensor(np.asarray(blob, dtype=np.float32), requires_grad=True) for blob in blobs
    ] or layer.blobs
    return layer.forward(tensors)


def write_project(folder: Path, *, net: str = NET, solver: str = SOLVER, rows: int = 20) -> Path:
    """A solver with its net and its rows, two classes that a line divides; answers the solver's file."""
    chance = np.random.default_rng(0)
    labels = np.arange(rows) % 2
    values = chance.normal(size=(rows, 3)).astype(np.float32)
    values[:, 0] += labels * 4 - 2
    with h5py.File(folder / "rows.h5", "w") as file:
        file["data"], file["label"] = values, labels.astype(np.float32)
    (folder / "rows.txt").write_text("rows.h5\n")
    (folder / "net.prototxt").write_text(net)
    (folder / "solver.prototxt").write_text(solver)
    return folder / "solver.prototxt"


def write_lmdb(folder: Path, images: Any, labels: list[int]) -> Path:
    """Images [n, channels, height, width] as raw datums."""
    with lmdb.open(str(folder), map_size=1 << 20) as environment, environment.begin(write=True) as transaction:
        for i, (image, label) in enumerate(zip(images, labels, strict=True)):
            datum = make_raw_message("Datum")
            datum.channels, datum.height, datum.width = image.shape
            datum.data, datum.label = image.astype(np.uint8).tobytes(), label
            transaction.put(f"{i:08}".encode(), datum.SerializeToString())
    return folder
