"""The training loop: epochs over examples that lie in memory, taken out by index."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dix.errors import BadValue
from dix.frameworks.torch.augment import shift_images
from dix.frameworks.torch.device import needs_loss_scaling, use_mixed_precision
from dix.frameworks.torch.steps import compute_learning_rate, make_optimizer
from dix.frameworks.training import EpochReport, Examples


@dataclass(frozen=True, slots=True)
class FitPlan:
    """How to train; training stops after `patience` epochs without a better validation loss (0: never)."""

    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str = "adam"
    schedule: str = "none"
    weight_decay: float = 0.0
    augment_shift: int = 0
    patience: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """Examples as tensors: on the device where they fit there, else in main memory."""

    values: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class _Descent:
    """What changes the weights, and where chance comes from."""

    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    chance: torch.Generator


@dataclass(slots=True)
class _Best:
    """The best epoch so far; `weights` are a copy, kept only when training may stop early."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)


def load_examples(examples: Examples, device: torch.device) -> Loaded:
    """Put examples where the batches are cut: on the GPU when they take less than half of its free memory."""
    # What comes straight out of an Arrow table is read-only, which torch does not take.
    values = torch.from_numpy(np.require(examples.values, requirements=["C", "W"]))
    targets = torch.from_numpy(examples.targets)
    if device.type == "cuda" and values.nbytes < torch.cuda.mem_get_info(device)[0] // 2:
        return Loaded(values.to(device), targets.to(device))
    return Loaded(values, targets)


def fit(net: nn.Module, train: Loaded, valid: Loaded | None, plan: FitPlan, report: EpochReport) -> dict[str, Any]:
    """Train `net` in place and return the metrics of the epoch that was kept, with `epochs` done and `best_epoch`.

    The caller seeds torch for what the net draws itself (first weights, dropout); order and shifts are drawn from the
    plan's seed here. Raises BadValue when the loss stops being a number.
    """
    device = next(net.parameters()).device
    descent = _Descent(
        make_optimizer(plan.optimizer, net, plan.learning_rate, plan.weight_decay),
        torch.amp.GradScaler(device.type, enabled=needs_loss_scaling(device)),
        torch.Generator().manual_seed(plan.seed),
    )
    best, history = _Best(), []
    for epoch in range(1, plan.epochs + 1):
        rate = compute_learning_rate(plan.schedule, plan.learning_rate, epoch, plan.epochs)
        for group in descent.optimizer.param_groups:
            group["lr"] = rate
        metrics = _train_epoch(net, train, plan, descent)
        if valid is not None:
            metrics |= {f"valid_{name}": value for name, value in measure(net, valid, plan.batch_size).items()}
        _check_finite(metrics, epoch, plan)
        metrics["learning_rate"] = rate
        history.append(metrics)
        report(epoch, epoch / plan.epochs, **metrics)
        if plan.patience > 0 and valid is not None and _should_stop(best, epoch, metrics["valid_loss"], net, plan):
            break
    return _finish(net, best, history)


@torch.inference_mode()
def measure(net: nn.Module, examples: Loaded, batch_size: int) -> dict[str, float]:
    """Mean `loss` and `accuracy` of the net over examples, without learning from them."""
    net.eval()
    device = next(net.parameters()).device
    total, right = torch.zeros((), device=device), torch.zeros((), device=device)
    for start in range(0, len(examples.targets), batch_size):
        values = examples.values[start : start + batch_size].to(device)
        targets = examples.targets[start : start + batch_size].to(device)
        with use_mixed_precision(device):
            logits = net(values)
        total += nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
        right += (logits.argmax(1) == targets).sum()
    count = len(examples.targets)
    return {"loss": total.item() / count, "accuracy": right.item() / count}


def _train_epoch(net: nn.Module, train: Loaded, plan: FitPlan, descent: _Descent) -> dict[str, float]:
    net.train()
    device = next(net.parameters()).device
    total, right = torch.zeros((), device=device), torch.zeros((), device=device)
    for chosen in _draw_batches(len(train.targets), plan.batch_size, descent.chance):
        places = chosen.to(train.values.device)
        values, targets = train.values[places].to(device), train.targets[places].to(device)
        if plan.augment_shift:
            values = shift_images(values, plan.augment_shift, descent.chance)
        with use_mixed_precision(device):
            logits = net(values)
            loss = nn.functional.cross_entropy(logits.float(), targets)
        descent.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(descent.scaler.scale(loss))
        descent.scaler.step(descent.optimizer)
        descent.scaler.update()
        total += loss.detach() * len(chosen)
        right += (logits.detach().argmax(1) == targets).sum()
    count = len(train.targets)
    return {"loss": total.item() / count, "accuracy": right.item() / count}


def _check_finite(metrics: dict[str, float], epoch: int, plan: FitPlan) -> None:
    for name, value in metrics.items():
        if not math.isfinite(value):
            todo = f"the {name} became {value} in epoch {epoch}: try a tenth of it"
            raise BadValue("learning_rate", "one with which the loss stays a number", plan.learning_rate, todo)


def _draw_batches(count: int, batch_size: int, chance: torch.Generator) -> Iterator[Tensor]:
    """All places in a new order; a last batch of one joins the one before it, as batch norm cannot learn from one."""
    order = torch.randperm(count, generator=chance)
    start = 0
    while start < count:
        end = start + batch_size
        if end + 1 >= count:
            end = count
        yield order[start:end]
        start = end


def _should_stop(best: _Best, epoch: int, loss: float, net: nn.Module, plan: FitPlan) -> bool:
    if loss < best.loss:
        best.epoch, best.loss = epoch, loss
        best.weights = {name: tensor.detach().clone() for name, tensor in net.state_dict().items()}
    return epoch - best.epoch >= plan.patience


def _finish(net: nn.Module, best: _Best, history: list[dict[str, float]]) -> dict[str, Any]:
    kept = best.epoch or len(history)
    if best.weights:
        net.load_state_dict(best.weights)
    return {**history[kept - 1], "epochs": len(history), "best_epoch": kept}
