"""Train with a solver's prototxt and leave a model that answers."""

from __future__ import annotations

import re
import time

import torch

from dix.frameworks.base import ModelCard
from dix.frameworks.caffe.order import CaffeOrder
from dix.frameworks.caffe.saving import SaveOrder, save_model
from dix.frameworks.caffe.solver import Solver, SolverOptions
from dix.frameworks.training import EpochReport


def train_caffe(order: CaffeOrder, report: EpochReport) -> ModelCard:
    """Train on the GPU if the order has a share of one and there is one; see `CaffeTrainer`."""
    started = time.monotonic()
    torch.set_num_threads(max(1, order.threads))
    latest: dict[str, float] = {}

    def tell(iteration: int, numbers: dict[str, float]) -> None:
        named = {re.sub(r"\W", "_", name): value for name, value in numbers.items()}
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
    metrics = latest | {
        "iterations": solver.progress.iteration,
        "train_seconds": round(time.monotonic() - started, 3),
    }
    tested = solver.tests[0] if solver.tests else solver.net
    return save_model(SaveOrder(order.folder, solver.net, tested, order.params, metrics))
