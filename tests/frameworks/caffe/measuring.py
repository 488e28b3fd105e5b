"""Run what a folder of real Caffe's numbers holds, and measure how far off we are.

`reference/` beside this file has a part of the numbers; DIX_CAFFE_REFERENCE names another folder of the same layout to
measure instead. It is no setting of the product, which never looks at it: only these tests do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dix.frameworks.caffe.blobs import read_blob
from dix.frameworks.caffe.files import read_net, read_state, read_text_message
from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.paths import find_paths
from dix.frameworks.caffe.schema import TEST, TRAIN, make_message
from dix.frameworks.caffe.solver import Solver, SolverOptions
from dix.frameworks.caffe.weights import load_weights

LAYER_GATE, STEP_GATE, RUN_GATE = 1e-5, 1e-6, 1e-5


@dataclass(frozen=True)
class Row:
    """One measured number: the `part` of the reference, the case in it, what it is about, the worst, the gate."""

    part: str
    case: str
    about: str
    worst: float
    gate: float

    @property
    def is_within(self) -> bool:
        return bool(self.worst <= self.gate)


def find_folder() -> Path:
    """The folder to measure."""
    named = os.environ.get("DIX_CAFFE_REFERENCE")
    return Path(named) if named else Path(__file__).with_name("reference")


def list_layers() -> list[str]:
    index = find_folder() / "layers" / "index.json"
    return sorted(json.loads(index.read_text())) if index.is_file() else []


def list_solvers() -> list[str]:
    return sorted(path.stem.removeprefix("solver_") for path in (find_folder() / "solvers").glob("solver_*.prototxt"))


def list_nets() -> list[str]:
    return sorted(path.parent.name for path in (find_folder() / "nets").glob("*/net.prototxt"))


def list_lenet_runs() -> list[str]:
    return sorted(path.stem.removeprefix("run_") for path in (find_folder() / "lenet_digits").glob("run_*.npz"))


def list_data_layers() -> list[str]:
    return sorted(path.stem for path in (find_folder() / "formats").glob("[di]_*.prototxt"))


def compare(ours: Any, theirs: Any) -> float:
    """The largest difference, relative to the largest of their numbers; inf for another shape or NaNs elsewhere."""
    left, right = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if left.shape != right.shape or (np.isnan(left) != np.isnan(right)).any():
        return float("inf")
    known = ~np.isnan(right)
    if not known.any():
        return 0.0
    return float(np.abs(left - right)[known].max() / max(np.abs(right[known]).max(), 1e-12))


def build_net(path: Path, phase: int, filled: dict[str, Any] | None = None) -> Net:
    """A net in a phase; data layers whose files are not there become inputs that take `filled`."""
    message = read_net(path).message
    for layer in message.layer:
        if layer.type == "HDF5Data" and not (path.parent / layer.hdf5_data_param.source).is_file():
            layer.type = "Input"
            for top in layer.top:
                layer.input_param.shape.add().dim.extend((filled or {})[top].shape)
    state = make_message("NetState")
    state.phase = phase
    net = Net(message, state, NetOrigin(str(path), find_paths(path)))
    for name in net.inputs:
        if filled is not None and name in filled:
            net.hand_over(name, torch.from_numpy(filled[name]))
    return net


def measure_layer(case: str) -> Row:
    """A single layer, forward and backward."""
    folder = find_folder() / "layers" / case
    info = json.loads((folder.parent / "index.json").read_text())[case]
    numbers = np.load(folder / "io.npz")
    inputs = {key[3:]: numbers[key].astype(np.float32) for key in numbers if key.startswith("in/")}
    net = build_net(folder / "net.prototxt", TRAIN if info["phase"] == "TRAIN" else TEST)
    layer = net.layers["l"]
    for name, values in inputs.items():
        net.hand_over(name, torch.from_numpy(values))
    with torch.no_grad():
        for key in numbers:
            if key.startswith("param/"):
                layer.blobs[int(key[6:])].copy_(torch.from_numpy(numbers[key]))
    net.forward()
    worst = [compare(net.blobs[key[4:]].detach(), numbers[key]) for key in numbers if key.startswith("out/")]
    worst += [
        compare(layer.blobs[int(key[12:])].detach(), numbers[key]) for key in numbers if key.startswith("param_after/")
    ]
    if info["backward"]:
        worst += _measure_gradients(net, numbers)
    return Row("layers", case, layer.spec.type, max(worst), LAYER_GATE)


def _measure_gradients(net: Net, numbers: Any) -> Iterator[float]:
    given = {key[8:]: torch.from_numpy(numbers[key]) for key in numbers if key.startswith("outdiff/")}
    parts = [(net.blobs[name] * diff).sum() for name, diff in given.items() if net.blobs[name].requires_grad]
    objective = sum(parts) if given else net.loss
    wanted = {}
    for key in numbers:
        kind, _, name = key.partition("/")
        if kind in {"indiff", "blobdiff"}:
            wanted[key] = net.blobs[name]
        elif kind == "paramdiff":
            wanted[key] = net.layers["l"].blobs[int(name)]
    known = {key: tensor for key, tensor in wanted.items() if tensor.requires_grad}
    found: dict[str, Any] = {}
    if known and isinstance(objective, torch.Tensor) and objective.requires_grad:
        gradients = torch.autograd.grad(objective, list(known.values()), allow_unused=True)
        found = dict(zip(known, gradients, strict=True))
    for key, tensor in wanted.items():
        gradient = found.get(key)
        yield compare(torch.zeros_like(tensor) if gradient is None else gradient, numbers[key])


def measure_solver(case: str, output: Path) -> list[Row]:
    """Fifty iterations of a solver: losses, the first step's loss, rates, and weights and histories at the end."""
    folder = find_folder() / "solvers"
    numbers = np.load(folder / "losses.npz")
    rows: list[dict[str, float]] = []
    solver = Solver(
        folder / f"solver_{case}.prototxt",
        SolverOptions(
            output=output,
            weights=(folder / "init.caffemodel",),
            report=lambda _, found: rows.append(found),
        ),
    )
    theirs = numbers[f"{case}/loss_last_sub"]
    ours = []
    for _ in range(len(theirs)):
        solver.iterate()
        ours.append(float(solver.net.loss.detach()))
    kind = solver.param.type
    off = np.abs(np.array(ours) - theirs) / np.abs(theirs)
    measured = [
        Row("solvers", case, f"{kind}: loss of the first step", float(off[:2].max()), STEP_GATE),
        Row("solvers", case, f"{kind}: losses of all iterations", float(off.max()), RUN_GATE),
    ]
    final = folder / f"final_{case}.solverstate"
    if final.is_file():
        measured.append(Row("solvers", case, f"{kind}: histories at the end", _measure_state(solver, final), 1e-4))
    return measured


def _measure_state(solver: Solver, final: Path) -> float:
    """How far the histories are from those of a state, iteration and step included."""
    state = read_state(final)
    if (state.iter, state.current_step) != (solver.progress.iteration, solver.progress.step):
        return float("inf")
    ours = [tensor for kind in solver.history for tensor in kind]
    theirs = [read_blob(str(final), blob) for blob in state.history]
    return max(compare(left.numpy(), right) for left, right in zip(ours, theirs, strict=True))


def measure_net_forward(case: str) -> list[Row]:
    """Every blob of a net forward, and the gradients of its weights."""
    folder = find_folder() / "nets" / case
    rows = []
    for path in sorted(folder.glob("forward_*_*.npz")):
        _, phase, which = path.stem.split("_")
        if not (folder / f"{which}.caffemodel").is_file():
            continue
        numbers = {key.replace("__", "/"): values for key, values in np.load(path).items()}
        net = build_net(folder / "net.prototxt", TRAIN if phase == "train" else TEST, numbers)
        load_weights(net, folder / f"{which}.caffemodel")
        net.forward()
        worst = [compare(net.blobs[key].detach(), values) for key, values in numbers.items() if key in net.blobs]
        rows.append(Row("nets", f"{case} {phase} {which}", "forward", max(worst), LAYER_GATE))
        gradients = folder / f"grad_{phase}_{which}.npz"
        if gradients.is_file():
            rows.append(
                Row("nets", f"{case} {phase} {which}", "backward", _measure_weights(net, gradients), LAYER_GATE)
            )
    return rows


def _measure_weights(net: Net, path: Path) -> float:
    net.clear_gradients()
    net.loss.backward()
    worst = []
    for key, values in np.load(path).items():
        name, _, place = key.replace("__", "/").rpartition("|")
        tensor = net.layers[name].blobs[int(place)]
        worst.append(compare(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad, values))
    return max(worst)


def has_data(case: str) -> bool:
    """Whether the data a net trains on is in the folder."""
    folder = find_folder() / "nets" / case
    message = read_net(folder / "net.prototxt").message
    return all((folder / layer.hdf5_data_param.source).is_file() for layer in message.layer if layer.type == "HDF5Data")


def measure_net_run(case: str, output: Path) -> list[Row]:
    """The iterations of a net under its solver."""
    folder = find_folder() / "nets" / case
    numbers = np.load(folder / "losses.npz")
    names = [str(name).replace("__", "/") for name in numbers["names"]]
    solver = Solver(folder / "solver.prototxt", SolverOptions(output=output, weights=(folder / "init.caffemodel",)))
    ours = []
    for _ in range(len(numbers["loss"])):
        solver.iterate()
        ours.append([float(solver.net.blobs[name].detach().sum()) for name in names])
    return _judge_run("nets", case, np.array(ours), numbers["loss"].reshape(len(ours), -1), read_floor(case))


def measure_lenet(run: str, output: Path) -> list[Row]:
    """LeNet on digits out of LMDB: losses, rates and tests."""
    folder = find_folder() / "lenet_digits"
    numbers = np.load(folder / f"run_{run}.npz")
    trained: list[dict[str, float]] = []
    tested: list[tuple[float, float]] = []

    def report(_: int, found: dict[str, float]) -> None:
        if "lr" in found:
            trained.append(found)
        else:
            tested.append((found["test_accuracy"], found["test_loss"]))

    Solver(
        folder / f"solver_{run}.prototxt",
        SolverOptions(output=output, weights=(folder / "init.caffemodel",), report=report),
    ).solve()
    floor = read_floor(f"lenet_{run.removesuffix('_hdf5')}")
    losses = np.array([[row["loss"]] for row in trained])
    rows = _judge_run("lenet", f"LeNet {run}", losses, numbers["loss"].reshape(-1, 1)[: len(losses)], floor)
    rates = np.array([row["lr"] for row in trained])
    rows.append(Row("lenet", f"LeNet {run}", "rates", compare(rates, numbers["lr"][: len(rates)]), STEP_GATE))
    off = np.abs(np.array(tested)[:, 1] - numbers["test"][:, 2])
    rows.append(Row("lenet", f"LeNet {run}", "test loss", float(off.max()), max(3 * floor, RUN_GATE * 3)))
    return rows


def read_floor(name: str) -> float:
    """How far real Caffe drifts from itself when its first weights move by one ulp."""
    path = find_folder() / "noise_floor.json"
    floors = json.loads(path.read_text()) if path.is_file() else {}
    return float(max(floors[name]["max"])) if name in floors else 0.0


def _judge_run(part: str, case: str, ours: Any, theirs: Any, floor: float) -> list[Row]:
    """The first ten iterations strictly; after them three times what Caffe itself drifts by, where that is more."""
    off = np.abs(ours - theirs)
    relative = off / np.maximum(np.abs(theirs), 1e-12)
    later = np.minimum(relative / RUN_GATE, off / (3 * floor) if floor else np.inf)
    return [
        Row(part, case, "iterations 1-10", float(relative[:10].max()), RUN_GATE),
        Row(part, case, "all, of what is allowed", float(later.max()), 1.0),
    ]


def measure_data_layer(case: str) -> Row:
    """The batches that a data layer delivers."""
    folder = find_folder() / "formats"
    numbers = np.load(folder / "data_layers.npz")
    keys = sorted(key for key in numbers if key.split("/")[0] == case)
    net = build_net(folder / f"{case}.prototxt", TEST)
    worst = []
    for batch in range(1 + max(int(key.split("/")[1]) for key in keys)):
        net.forward()
        worst += [
            compare(net.blobs[key.split("/")[2]], numbers[key]) for key in keys if int(key.split("/")[1]) == batch
        ]
    kind = next(iter(net.layers.values())).spec.type
    return Row("data", case, kind, max(worst), 1e-6)


@cache
def read_filler_cases() -> dict[str, Any]:
    path = find_folder() / "formats" / "fillers.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def read_filler(text: str, folder: Path) -> Any:
    """A FillerParameter from its text."""
    path = folder / "filler.prototxt"
    path.write_text(text)
    return read_text_message(path, "FillerParameter")
