"""Train any of the nets, and write it as a model folder."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from dix.frameworks.base import ModelCard
from dix.frameworks.card import write_card
from dix.frameworks.fitting import FitPlan, make_fit_plan
from dix.frameworks.intakes.lookup import describe_intake
from dix.frameworks.tensorflow.design import Design
from dix.frameworks.tensorflow.device import name_device, use_mixed_precision
from dix.frameworks.tensorflow.fit import Exercise, fit, load_examples
from dix.frameworks.tensorflow.nets import find_design
from dix.frameworks.tensorflow.objectives import make_objective
from dix.frameworks.tensorflow.peers import Peers, meet
from dix.frameworks.tensorflow.saving import save_weights
from dix.frameworks.trained import make_trained_card
from dix.frameworks.training import EpochReport, Trainer, TrainOrder


def train_net(order: TrainOrder, report: EpochReport) -> ModelCard:
    """See `Trainer`."""
    started = time.monotonic()
    design, plan = find_design(order.algorithm), make_fit_plan(order.params)
    spec = design.plan(order)
    preprocessing = describe_intake(order.intake)
    with use_mixed_precision():
        net = design.build(spec, preprocessing, plan.seed)
    with _meet(order, plan) as peers:
        metrics = fit(net, _make_exercise(order, design, plan, peers), report)
    metrics |= {
        "examples": len(order.train),
        "train_seconds": round(time.monotonic() - started, 3),
        "device": name_device(),
    }
    card = make_trained_card(order, "tensorflow", spec, metrics)
    save_weights(order.folder, net)
    write_card(order.folder, card)
    return card


def _meet(order: TrainOrder, plan: FitPlan) -> AbstractContextManager[Peers | None]:
    if order.workers is None:
        return nullcontext()
    order.workers.check_share(min(plan.batch_size, len(order.train)))
    return meet(order.workers)


def _make_exercise(order: TrainOrder, design: Design, plan: FitPlan, peers: Peers | None) -> Exercise:
    return Exercise(
        train=load_examples(order.train),
        valid=load_examples(order.valid) if order.valid is not None else None,
        plan=plan,
        objective=make_objective(order.outcome, order.train, plan),
        params=order.params,
        augment=design.augment,
        checkpoints=order.checkpoints,
        peers=peers,
    )


_: Trainer = train_net
