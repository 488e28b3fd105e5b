"""Train any of the nets, and write it as a model folder."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

from dix.frameworks.base import ModelCard
from dix.frameworks.card import write_card
from dix.frameworks.checkpoint import load_checkpoint
from dix.frameworks.fitting import FitPlan, make_fit_plan
from dix.frameworks.intakes.lookup import describe_intake
from dix.frameworks.torch.design import Design
from dix.frameworks.torch.device import choose_device
from dix.frameworks.torch.fit import Exercise, fit, load_examples
from dix.frameworks.torch.nets import find_design
from dix.frameworks.torch.objectives import make_objective
from dix.frameworks.torch.peers import Peers, meet
from dix.frameworks.torch.saving import save_weights
from dix.frameworks.trained import make_trained_card
from dix.frameworks.training import EpochReport, Trainer, TrainOrder


def train_net(order: TrainOrder, report: EpochReport) -> ModelCard:
    """See `Trainer`."""
    started = time.monotonic()
    device = choose_device(order.threads, order.gpus)
    design, plan = find_design(order.algorithm), make_fit_plan(order.params)
    spec = design.plan(order)
    preprocessing = describe_intake(order.intake)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(plan.seed)
        net = design.build(spec, preprocessing).to(device)
        with _meet(order, plan, device) as peers:
            metrics = _pretrain(design, net, order, report, peers)
            metrics |= fit(net, _make_exercise(order, design, plan, device, peers), report)
    metrics |= {
        "examples": len(order.train),
        "train_seconds": round(time.monotonic() - started, 3),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
    }
    card = make_trained_card(order, "torch", spec, metrics)
    save_weights(order.folder, net)
    write_card(order.folder, card)
    return card


def _pretrain(
    design: Design, net: nn.Module, order: TrainOrder, report: EpochReport, peers: Peers | None
) -> dict[str, Any]:
    if design.pretrain is None:
        return {}
    goes_on = order.checkpoints is not None and load_checkpoint(order.checkpoints) is not None
    if peers is not None:
        peers.agree(int(goes_on), "number of checkpoints", next(net.parameters()).device)
    return {} if goes_on else dict(design.pretrain(net, order, report, peers))


def _meet(order: TrainOrder, plan: FitPlan, device: torch.device) -> AbstractContextManager[Peers | None]:
    if order.workers is None:
        return nullcontext()
    order.workers.check_share(min(plan.batch_size, len(order.train)))
    return meet(order.workers, has_card=device.type == "cuda" and order.gpus >= 1)


def _make_exercise(
    order: TrainOrder, design: Design, plan: FitPlan, device: torch.device, peers: Peers | None
) -> Exercise:
    make = design.objective
    return Exercise(
        train=load_examples(order.train, device),
        valid=load_examples(order.valid, device) if order.valid is not None else None,
        plan=plan,
        objective=make(order, device) if make is not None else make_objective(order.outcome, order.train, plan, device),
        params=order.params,
        augment=design.augment,
        checkpoints=order.checkpoints,
        peers=peers,
    )


_: Trainer = train_net
