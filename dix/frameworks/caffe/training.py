"""Train with a solver's prototxt and leave a model that answers."""

from __future__ import annotations

import math
import re
import time

import torch

from dix.errors import BadData, BadValue
from dix.frameworks.base import ModelCard
from dix.frameworks.caffe.files import read_net
from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.order import CaffeOrder
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.saving import SaveOrder, save_model
from dix.frameworks.caffe.schema import TEST, make_message
from dix.frameworks.caffe.solver import Solver, SolverOptions
from dix.frameworks.caffe.weights import load_weights
from dix.frameworks.training import EpochReport


def train_caffe(order: CaffeOrder, report: EpochReport) -> ModelCard:
    """Train on the GPU if the order has a share of one and there is one; see `CaffeTrainer`."""
    if order.solver is None:
        return _take_over(order)
    started = time.monotonic()
    torch.set_num_threads(max(1, order.threads))
    latest: dict[str, float] = {}

    def tell(iteration: int, numbers: dict[str, float]) -> None:
        named = {re.sub(r"\W", "_", name): value for name, value in numbers.items()}
        _check_finite(solver, numbers.get("loss", 0.0))
        latest.update(named)
        report(iteration, iteration / solver.param.max_iter, **named)

    solver = Solver(
        order.solver,
        SolverOptions(
            roots=order.roots,
            net=order.net,
            output=order.snapshots,
            weights=order.weights,
            snapshot=order.snapshot,
            device="cuda" if order.gpus > 0 and torch.cuda.is_available() else "cpu",
            seed=order.seed,
            log=order.log,
            report=tell,
        ),
    )
    solver.solve()
    _check_finite(solver, float(solver.net.loss.detach()))
    metrics = latest | {
        "iterations": solver.progress.iteration,
        "train_seconds": round(time.monotonic() - started, 3),
    }
    tested = solver.tests[0] if solver.tests else solver.net
    return save_model(SaveOrder(order.folder, solver.net, tested, order.params, metrics))


def _check_finite(solver: Solver, loss: float) -> None:
    """Caffe itself would go on for ever with a loss that is no number; the model would be worth nothing."""
    if not math.isfinite(loss):
        when = solver.progress.iteration
        todo = f"the loss became {loss} by iteration {when}: try a tenth of it, or look for NaN in the data"
        raise BadValue("base_lr", "one with which the loss stays a number", solver.param.base_lr, todo)


def _take_over(order: CaffeOrder) -> ModelCard:
    """A net that was trained elsewhere, as a model."""
    if order.net is None or len(order.weights) != 1:
        raise BadValue("solver", "a solver, or else a net and its weights", None, "give net and weights")
    path = Paths(order.roots).find(order.net)
    state = make_message("NetState")
    state.phase = TEST
    net = Net(read_net(path).message, state, NetOrigin(str(path), Paths((path.parent, *order.roots)), order.seed))
    filled = load_weights(net, order.weights[0])
    missing = [name for name, layer in net.layers.items() if layer.blobs and name not in filled]
    if missing:
        raise BadData(str(order.weights[0]), f"it has no weights for {', '.join(missing)}", "take those of this net")
    return save_model(SaveOrder(order.folder, net, net, order.params))
