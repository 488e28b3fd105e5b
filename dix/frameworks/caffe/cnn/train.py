"""Train the convolutional net with Caffe's solver, and write it as a model folder."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch

from dix.errors import BadValue
from dix.frameworks.base import ModelCard
from dix.frameworks.caffe.cnn.epochs import Exercise, fit
from dix.frameworks.caffe.cnn.feed import make_feed
from dix.frameworks.caffe.cnn.net_text import IMAGES, WEIGHTS_OF_CLASSES, NetOrder, write_net
from dix.frameworks.caffe.cnn.solver_text import NET_FILE, Pace, write_solver
from dix.frameworks.caffe.deploy import make_deploy
from dix.frameworks.caffe.files import write_mean, write_text
from dix.frameworks.caffe.journal import print_line
from dix.frameworks.caffe.saving import DEPLOY_FILE, WEIGHTS_FILE
from dix.frameworks.caffe.solver import Solver, SolverOptions
from dix.frameworks.caffe.weights import save_weights
from dix.frameworks.card import write_card
from dix.frameworks.cnn_spec import CnnNet, plan_cnn
from dix.frameworks.fitting import FitPlan, make_fit_plan, weigh_classes
from dix.frameworks.intakes.images import ImagesIntake
from dix.frameworks.trained import make_trained_card
from dix.frameworks.training import EpochReport, Trainer, TrainOrder

_SOLVER_FILE = "solver.prototxt"


def train_cnn(order: TrainOrder, report: EpochReport) -> ModelCard:
    """See `Trainer`. The prototxts that it trains by are left in the model's folder."""
    started = time.monotonic()
    torch.set_num_threads(max(1, order.threads))
    uses_card = order.gpus > 0 and torch.cuda.is_available()
    plan, spec = make_fit_plan(order.params), plan_cnn(order)
    _check_possible(order, spec)
    batch_size = min(plan.batch_size, len(order.train))
    valid_rows = len(order.valid) if order.valid is not None else 0
    pace = Pace(-(-len(order.train) // batch_size), max(1, -(-valid_rows // batch_size)))
    _write_prototxts(order, plan, spec, batch_size)
    (order.folder / _SOLVER_FILE).write_text(write_solver(plan, pace, uses_card=uses_card), encoding="utf-8")
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if uses_card else []):
        options = SolverOptions(
            output=order.checkpoints, device="cuda" if uses_card else "cpu", log=print_line, seed=plan.seed
        )
        solver = Solver(order.folder / _SOLVER_FILE, options)
        metrics = fit(solver, Exercise(order, plan, pace.iterations, batch_size), report)
    metrics |= {
        "examples": len(order.train),
        "train_seconds": round(time.monotonic() - started, 3),
        "device": torch.cuda.get_device_name() if uses_card else "cpu",
    }
    write_text(order.folder / DEPLOY_FILE, make_deploy(solver.tests[0]))
    save_weights(solver.net, order.folder / WEIGHTS_FILE)
    card = make_trained_card(order, "caffe", spec, metrics)
    card = replace(card, net={**card.net, "input": IMAGES, "output": "prob"})
    write_card(order.folder, card)
    return card


def _check_possible(order: TrainOrder, spec: CnnNet) -> None:
    """Raises BadValue for what Caffe cannot do."""
    shift = order.params.get("augment_shift", 0)
    if spec.architecture == "plain" and spec.kernel % 2 == 0:
        raise BadValue("kernel", "an odd number, as Caffe pads all sides alike", spec.kernel)
    if shift and spec.height != spec.width:
        what = f"0 for images of {spec.height} x {spec.width}, as what Caffe crops is square"
        raise BadValue("augment_shift", what, shift)


def _write_prototxts(order: TrainOrder, plan: FitPlan, spec: CnnNet, batch_size: int) -> None:
    if not isinstance(order.intake, ImagesIntake):
        raise TypeError(f"{type(order.intake).__name__} makes no images")
    weighs = plan.class_weights == "balanced"
    if weighs:
        weights = np.diag(weigh_classes(order.train.targets, order.outcome.width))
        write_mean(order.folder / WEIGHTS_OF_CLASSES, weights[None])
    text = write_net(
        NetOrder(
            spec,
            make_feed(order.intake),
            batch_size,
            crop=spec.height if order.params.get("augment_shift", 0) else 0,
            mirror=bool(order.params.get("augment_flip", False)),
            weighs_classes=weighs,
        )
    )
    (order.folder / NET_FILE).write_text(text, encoding="utf-8")


_: Trainer = train_cnn
