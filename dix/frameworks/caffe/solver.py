"""Train a net the way `caffe train` does: its steps, tests, log lines and snapshots, in its order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dix.errors import BadData
from dix.frameworks.caffe.files import read_solver
from dix.frameworks.caffe.journal import format_line, format_number, format_output
from dix.frameworks.caffe.net import Net, NetOrigin, Param
from dix.frameworks.caffe.paths import Paths, find_paths
from dix.frameworks.caffe.rates import advance_step, check_policy, compute_rate
from dix.frameworks.caffe.rules import (
    Update,
    add_decay,
    clip_gradients,
    count_histories,
    get_rule,
)
from dix.frameworks.caffe.snapshots import Progress, read_snapshot, write_snapshot
from dix.frameworks.caffe.solver_nets import build_test_nets, build_train_net
from dix.frameworks.caffe.weights import load_weights

Numbers = Callable[[int, dict[str, float]], None]


def _say_nothing(line: str) -> None:
    """Where nobody listens to the log."""


def _count_nothing(iteration: int, numbers: dict[str, float]) -> None:
    """Where nobody wants the numbers."""


@dataclass(frozen=True, slots=True)
class SolverOptions:
    """What the command line of `caffe train` says, and where its output goes.

    `root` is the top of the folders that paths in the prototxts start from (the solver's own folder when None), `roots`
    are further ones; `net` takes the place of the net that the solver names;
    `output` is the folder that snapshots are kept in (likewise). `log` gets Caffe's lines; `report` the numbers of
    each displayed iteration and each test: `loss`, `lr`, the train net's outputs, and the test nets' as `test_NAME`.
    `seed` is used where the solver has no random_seed. `is_stopped` is asked between iterations.
    """

    root: Path | None = None
    roots: tuple[Path, ...] = ()
    net: str | None = None
    output: Path | None = None
    weights: tuple[Path, ...] = ()
    snapshot: Path | None = None
    device: str = "cpu"
    seed: int = 0
    log: Callable[[str], None] = _say_nothing
    report: Numbers = _count_nothing
    is_stopped: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Smooth:
    """The mean of the last losses, counted as Caffe counts it, in its precision."""

    size: int
    losses: list[float] = field(default_factory=list)
    turn: int = 0
    value: np.float32 = field(default_factory=lambda: np.float32(0))

    def add(self, loss: float) -> None:
        if len(self.losses) < self.size:
            self.losses.append(loss)
            count = len(self.losses)
            self.value = np.float32((self.value * np.float32(count - 1) + np.float32(loss)) / np.float32(count))
        else:
            place = self.turn % self.size
            self.value = np.float32(self.value + np.float32((loss - self.losses[place]) / self.size))
            self.losses[place] = loss
        self.turn += 1


class Solver:
    """A solver with its nets; `net` is the one it trains, `tests` share its weights.

    Raises BadData or DataMissing, for whatever is wrong in the solver, the nets or the data's first record, when it is
    made, before anything is computed.
    """

    def __init__(self, path: Path, options: SolverOptions | None = None) -> None:
        self.options = options or SolverOptions()
        file = read_solver(path)
        self.param = file.message
        if self.options.net is not None:
            _replace_net(self.param, self.options.net)
        self.progress = Progress()
        _check(str(path), self.param)
        self._rule = get_rule(str(path), self.param.type)
        seed = self.param.random_seed if self.param.random_seed >= 0 else self.options.seed
        torch.manual_seed(seed)
        paths = Paths((*find_paths(path, self.options.root).folders, *self.options.roots))
        origin = NetOrigin(str(path), paths, seed, self.options.device)
        self.net = build_train_net(self.param, origin)
        self.tests = build_test_nets(self.param, origin, self.net)
        self.prefix = self._find_prefix(path)
        count = count_histories(self.param.type)
        self.history = [[torch.zeros_like(param.tensor) for param in self.net.params] for _ in range(count)]
        self._smooth = _Smooth(self.param.average_loss)
        for note in (*file.unknown, *self.net.origin.unknown):
            self._log("unknown", f"Ignored, as Caffe does not have it: {note.path} (line {note.line})")
        self._started, self._displayed = time.monotonic(), 0
        named = [origin.paths.find(name.strip()) for text in self.param.weights for name in text.split(",")]
        for weights in (*named, *self.options.weights):
            self._log("weights", f"Finetuning from {weights.name}")
            for net in (self.net, *self.tests):
                load_weights(net, weights)

    def solve(self) -> None:
        """All iterations up to max_iter, from the snapshot on if there is one."""
        self._log("solving", f"Solving {self.net.name}")
        self._log("policy", f"Learning Rate Policy: {self.param.lr_policy}")
        if self.options.snapshot is not None:
            self.restore(self.options.snapshot)
        while self.progress.iteration < self.param.max_iter and not self.options.is_stopped():
            self.iterate()
        if self.param.snapshot_after_train and not self._is_due(self.param.snapshot):
            self.write_snapshot()
        if self.progress.iteration < self.param.max_iter:
            return
        self._finish()

    def iterate(self) -> float:
        """One iteration: a test and a display where they are due, the update, the snapshot; answers its loss."""
        iteration = self.progress.iteration
        self.net.clear_gradients()
        if self._is_due(self.param.test_interval) and (iteration > 0 or self.param.test_initialization):
            self.test()
        total = np.float32(0)
        for _ in range(self.param.iter_size):
            total += np.float32(self.net.forward_backward())
        loss = float(np.float32(total / np.float32(self.param.iter_size)))
        self._smooth.add(loss)
        is_displayed = self._is_due(self.param.display)
        if is_displayed:
            self._display()
        self._update(is_displayed)
        if self._is_due(self.param.snapshot):
            self.write_snapshot()
        return loss

    def test(self) -> list[dict[str, float]]:
        """Run all test nets; the mean of each output value over test_iter batches, by its name."""
        scores = []
        for i, net in enumerate(self.tests):
            self._log("testing", f"Iteration {self.progress.iteration}, Testing net (#{i})")
            scores.append(self._test_net(net, self.param.test_iter[i]))
            head = "test_" if i == 0 else f"test{i}_"
            self.options.report(self.progress.iteration, {head + name: value for name, value in scores[-1].items()})
        return scores

    def write_snapshot(self) -> Path:
        """Write the weights and the state; answers the weights' file."""
        files = write_snapshot(self.prefix, self.param, self.net, self.progress, self.history)
        kind = "HDF5" if files.weights.suffix == ".h5" else "binary proto"
        self._log("snapshot", f"Snapshotting to {kind} file {files.weights}")
        self._log("state", f"Snapshotting solver state to {kind} file {files.state}")
        return files.weights

    def restore(self, path: Path) -> None:
        """Go on from a `.solverstate`: its iteration, histories and weights. Data is read from the first record."""
        self._log("restore", f"Restoring previous solver status from {path.name}")
        self.progress = read_snapshot(path, self.net, self.history)

    @torch.no_grad()
    def _update(self, is_displayed: bool) -> None:  # noqa: FBT001
        param, iteration = self.param, self.progress.iteration
        step = advance_step(param, iteration, self.progress.step)
        if param.lr_policy == "multistep" and step != self.progress.step:
            self._log("step", f"MultiStep Status: Iteration {iteration}, step = {step}")
        self.progress = Progress(iteration, step)
        rate = compute_rate(param, iteration, step)
        if is_displayed:
            self._log("rate", f"Iteration {iteration}, lr = {format_number(rate)}")
        gradients = [_take_gradient(weight) for weight in self.net.params]
        clipped = clip_gradients(gradients, param.clip_gradients)
        if clipped is not None:
            norm, factor = map(format_number, clipped)
            limit = format_number(param.clip_gradients)
            text = f"Gradient clipping: scaling down gradients (L2 norm {norm} > {limit}) by scale factor {factor}"
            self._log("clip", text)
        changes = [self._find_change(i, gradient, rate) for i, gradient in enumerate(gradients)]
        for weight, change in zip(self.net.params, changes, strict=True):
            weight.tensor.sub_(change)
        self.progress = Progress(iteration + 1, step)

    def _find_change(self, place: int, gradient: Tensor, rate: float) -> Tensor:
        param, weight = self.param, self.net.params[place]
        if param.iter_size > 1:
            gradient.mul_(float(np.float32(1) / np.float32(param.iter_size)))
        decay = float(np.float32(param.weight_decay) * np.float32(weight.decay_mult))
        add_decay(gradient, weight.tensor, decay, param.regularization_type)
        local = float(np.float32(rate) * np.float32(weight.lr_mult))
        history = tuple(kind[place] for kind in self.history)
        return self._rule(param, Update(gradient, history, local, self.progress.iteration))

    def _display(self) -> None:
        iteration, now = self.progress.iteration, time.monotonic()
        lapse = now - self._started
        rate = (iteration - self._displayed) / lapse if lapse else 0.0
        speed = f"{format_number(rate)} iter/s, {format_number(round(lapse, 3))}s/{self.param.display} iters"
        loss = float(self._smooth.value)
        self._log("iteration", f"Iteration {iteration} ({speed}), loss = {format_number(loss)}")
        self._started, self._displayed = now, iteration
        outputs = _list_outputs(self.net)
        for place, (name, value, weight) in enumerate(outputs):
            self._log("output", format_output("Train", place, name, value, weight))
        step = advance_step(self.param, iteration, self.progress.step)
        numbers = {name: value for name, value, _ in outputs}
        self.options.report(iteration, numbers | {"loss": loss, "lr": compute_rate(self.param, iteration, step)})

    @torch.no_grad()
    def _test_net(self, net: Net, batches: int) -> dict[str, float]:
        totals: list[tuple[str, np.float32, float]] = []
        loss = np.float32(0)
        for batch in range(batches):
            net.forward()
            loss += np.float32(float(net.loss))
            found = [(name, np.float32(value), weight) for name, value, weight in _list_outputs(net)]
            totals = found if batch == 0 else [
                (name, np.float32(total + value), weight)
                for (name, total, weight), (_, value, _) in zip(totals, found, strict=True)
            ]  # fmt: skip
        if self.param.test_compute_loss:
            self._log("score", f"Test loss: {format_number(float(loss) / batches)}")
        scores: dict[str, float] = {}
        for place, (name, total, weight) in enumerate(totals):
            mean = float(np.float32(total / np.float32(batches)))
            self._log("score", format_output("Test", place, name, mean, weight))
            scores[name if name not in scores else f"{name}_{place}"] = mean
        return scores

    def _finish(self) -> None:
        """The last display and test, without an update."""
        if self._is_due(self.param.display):
            with torch.no_grad():
                self.net.forward()
            self._smooth.add(float(self.net.loss))
            loss = format_number(float(self._smooth.value))
            self._log("end", f"Iteration {self.progress.iteration}, loss = {loss}")
        if self._is_due(self.param.test_interval):
            self.test()
        self._log("done", "Optimization Done.")

    def _is_due(self, interval: int) -> bool:
        return interval > 0 and self.progress.iteration % interval == 0

    def _find_prefix(self, path: Path) -> Path:
        """Where snapshots go: what the solver says, kept inside `output` where that is given."""
        said = Path(self.param.snapshot_prefix)
        if self.options.output is not None:
            said = self.options.output.joinpath(*(part for part in said.parts if part not in {said.anchor, ".."}))
        prefix = path.parent / said
        return prefix / path.stem if prefix.is_dir() else prefix

    def _log(self, kind: str, text: str) -> None:
        self.options.log(format_line(kind, text))


def _check(uri: str, param: Any) -> None:
    check_policy(uri, param)
    if param.regularization_type not in {"L1", "L2"}:
        raise BadData(uri, f"regularization_type is {param.regularization_type!r}", "take L1 or L2")
    for name in ("average_loss", "iter_size", "max_iter"):
        if getattr(param, name) < 1:
            raise BadData(uri, f"{name} is {getattr(param, name)}", "it must be at least 1")


def _replace_net(param: Any, name: str) -> None:
    for field_name in ("net", "net_param", "train_net", "train_net_param", "test_net", "test_net_param"):
        param.ClearField(field_name)
    param.net = name


def _take_gradient(param: Param) -> Tensor:
    gradient = param.tensor.grad
    return torch.zeros_like(param.tensor) if gradient is None else gradient


def _list_outputs(net: Net) -> list[tuple[str, float, float]]:
    """Each value of the output blobs: its blob's name, the value, the blob's weight in the loss."""
    weights = net.loss_weights
    return [
        (name, value, weights.get(name, 0.0))
        for name in net.outputs
        for value in net.blobs[name].detach().reshape(-1).tolist()
    ]
