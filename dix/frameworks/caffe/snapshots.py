"""Write what a solver knows and read it back: weights and state, in Caffe's two formats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from torch import Tensor

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.blobs import Array, fill_blob, read_blob
from dix.frameworks.caffe.files import read_state, write_message
from dix.frameworks.caffe.hdf5 import open_hdf5
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.schema import make_raw_message
from dix.frameworks.caffe.weights import load_weights, save_weights, to_array

_HDF5 = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solver is: updates done, and the step its learning rate is on."""

    iteration: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotFiles:
    """The two files of a snapshot."""

    weights: Path
    state: Path


def write_snapshot(
    prefix: Path, solver: Any, net: Net, progress: Progress, history: list[list[Tensor]]
) -> SnapshotFiles:
    """Write `<prefix>_iter_N.caffemodel` and `.solverstate`, with `.h5` behind them in the HDF5 format."""
    ending = ".h5" if solver.snapshot_format == _HDF5 else ""
    stem = f"{prefix.name}_iter_{progress.iteration}"
    files = SnapshotFiles(
        prefix.with_name(f"{stem}.caffemodel{ending}"), prefix.with_name(f"{stem}.solverstate{ending}")
    )
    save_weights(net, files.weights, with_gradients=solver.snapshot_diff)
    arrays = [to_array(tensor) for kind in history for tensor in kind]
    # The path as Caffe would write it: from the folder that the solver's prefix starts in.
    learned = (Path(solver.snapshot_prefix).parent / files.weights.name).as_posix()
    if ending:
        _write_hdf5(files.state, learned, progress, arrays)
    else:
        _write_binary(files.state, learned, progress, arrays)
    return files


def read_snapshot(path: Path, net: Net, history: list[list[Tensor]]) -> Progress:
    """Fill the net's weights and the histories from a state, and answer how far it was.

    The weights are looked for where the state says, else beside it. Raises BadData for a state of another solver.
    """
    reader = _read_hdf5 if path.suffix == ".h5" else _read_binary
    progress, learned, arrays = reader(path)
    into = [tensor for kind in history for tensor in kind]
    if len(arrays) != len(into) or any(
        array.size != tensor.numel() for array, tensor in zip(arrays, into, strict=True)
    ):
        raise BadData(
            str(path), f"it has {len(arrays)} histories, this solver keeps {len(into)}, or of other shapes",
            "resume with the net and the solver type it was written by",
        )  # fmt: skip
    with torch.no_grad():
        for array, tensor in zip(arrays, into, strict=True):
            tensor.copy_(torch.from_numpy(np.require(array, np.float32, ["C", "W"])).reshape(tensor.shape))
    if learned:
        load_weights(net, _find_learned(path, learned))
    return progress


def _find_learned(state: Path, learned: str) -> Path:
    for path in (state.parent / Path(learned).name, Path(learned)):
        if path.is_file():
            return path
    raise DataMissing(learned, f"{state.name} names these weights and they are not beside it", "put them there")


def _write_binary(path: Path, learned: str, progress: Progress, arrays: list[Array]) -> None:
    state = make_raw_message("SolverState")
    state.iter, state.current_step = progress.iteration, progress.step
    state.learned_net = learned
    for array in arrays:
        fill_blob(state.history.add(), array)
    write_message(path, state)


def _read_binary(path: Path) -> tuple[Progress, str, list[Array]]:
    state = read_state(path)
    arrays = [read_blob(str(path), blob) for blob in state.history]
    return Progress(state.iter, state.current_step), state.learned_net, arrays


def _write_hdf5(path: Path, learned: str, progress: Progress, arrays: list[Array]) -> None:
    with h5py.File(path, "w") as file:
        file["iter"] = np.array([progress.iteration], dtype=np.int32)
        file["current_step"] = np.array([progress.step], dtype=np.int32)
        file["learned_net"] = np.bytes_(learned)
        group = file.create_group("history")
        for i, array in enumerate(arrays):
            group[str(i)] = array


def _read_hdf5(path: Path) -> tuple[Progress, str, list[Array]]:
    with open_hdf5(path) as file:
        if "iter" not in file or "history" not in file:
            raise BadData(str(path), "it has no iter or no history", "is it a .solverstate.h5?")
        numbers = [int(np.asarray(file[name]).reshape(-1)[0]) for name in ("iter", "current_step")]
        learned = np.asarray(file["learned_net"]).reshape(-1)[0] if "learned_net" in file else b""
        group = file["history"]
        arrays = [np.asarray(group[str(i)], dtype=np.float32) for i in range(len(group))]
    text = learned.decode() if isinstance(learned, bytes) else str(learned)
    return Progress(numbers[0], numbers[1]), text, arrays
