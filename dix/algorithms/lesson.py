"""What every algorithm with a net has in common: ports, keeping examples aside, training, and the history it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import StepContext
from dix.algorithms.checkpoints import Checkpoints
from dix.data.bad_rows import BadRows
from dix.data.dividing import divide
from dix.flow.spec import PortKind, PortSpec
from dix.frameworks.base import ModelCard
from dix.frameworks.card import write_card
from dix.frameworks.intakes.base import Intake
from dix.frameworks.lookup import find_trainer
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.training import Examples, TrainOrder

OUTPUTS = (
    PortSpec("model", PortKind.MODEL, help="The trained net."),
    PortSpec("metrics", PortKind.METRICS, help="The numbers of each epoch and of the epoch that was kept."),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned: examples as the intake prepares them, with targets as the outcome wants them."""

    intake: Intake
    outcome: Outcome
    train: Examples
    valid: Examples | None


def hold_out(groups: NDArray[np.int64], fraction: float, seed: int) -> NDArray[np.bool_] | None:
    """Which examples are kept aside to stop by: a fraction of each group (class); None where that comes to none."""
    is_valid = divide(groups, (1.0 - fraction, fraction), seed) == 1
    return is_valid if is_valid.any() and not is_valid.all() else None


def train_lesson(context: StepContext, algorithm: str, lesson: Lesson) -> ModelCard:
    """Train the node's model into its port `model`; the history goes into its port `metrics`, where `leave_metrics` may
    add to it. Goes on from a checkpoint of an earlier attempt. Of several workers each does so; what the first one
    leaves, and the checkpoints that it keeps, are the step's.
    """
    folder = context.scratch / "checkpoints"
    checkpoints = Checkpoints(context.store, context.checkpoints, folder)
    checkpoints.restore()
    rows: list[dict[str, float]] = []

    def tell(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append({"epoch": position, **metrics})
        context.report(position, progress, **metrics)
        if context.workers is None or context.workers.is_first:
            checkpoints.keep()

    order = TrainOrder(
        algorithm=algorithm,
        intake=lesson.intake,
        outcome=lesson.outcome,
        train=lesson.train,
        valid=lesson.valid,
        params=context.params,
        folder=context.output("model"),
        threads=max(1, int(context.cpus)),
        gpus=context.gpus,
        checkpoints=folder if context.checkpoints is not None else None,
        workers=context.workers,
    )
    card = find_trainer(algorithm, context.framework or "torch")(order, tell)
    leave_metrics(context, card.metrics, rows)
    return card


def add_numbers(
    context: StepContext, card: ModelCard, numbers: Mapping[str, Any], rows: Sequence[Mapping[str, Any]] = ()
) -> ModelCard:
    """What was found out after the training: `numbers` go into the model's card and beside its final metrics, `rows`
    to the end of the history.
    """
    card = replace(card, metrics={**card.metrics, **numbers})
    write_card(context.output("model"), card)
    path = context.output("metrics") / "metrics.json"
    history = json.loads(path.read_text(encoding="utf-8"))
    leave_metrics(context, card.metrics, [*history["epochs"], *(dict(row) for row in rows)])
    return card


def count_left_out(*each: BadRows) -> dict[str, int]:
    """The metric of what was left out of all data sets together, where that was allowed."""
    tolerant = [one for one in each if one.are_tolerated]
    return {"bad_rows": sum(one.count for one in tolerant)} if tolerant else {}


def leave_metrics(context: StepContext, final: dict[str, Any], rows: list[dict[str, float]]) -> None:
    """Write `metrics.json` into the port `metrics`."""
    text = json.dumps({"final": final, "epochs": rows}, indent=2)
    (context.output("metrics") / "metrics.json").write_text(text + "\n", encoding="utf-8")
