"""The deep belief net: learns what images look like layer by layer, then to tell them apart."""

from __future__ import annotations

from typing import Any

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.dbn_params import DBN_PARAMS
from dix.algorithms.image_lesson import read_image_lesson
from dix.algorithms.lesson import OUTPUTS, Lesson, add_numbers, count_left_out, train_lesson
from dix.data.bad_rows import BadRows
from dix.flow.spec import AlgorithmSpec, PortSpec
from dix.frameworks.base import ModelCard
from dix.frameworks.lookup import find_trainer
from dix.frameworks.training import TrainOrder


class Dbn(Algorithm):
    """Trains on the images of `train`, and stops by those of `valid`, or by a part of `train` kept aside for it.

    With `compare` the same net is trained once more from the same seed, in the same way but for the greedy stage; its
    epochs stand at the end of the history, and `gain` is by how much it is less often right.
    """

    spec = AlgorithmSpec(
        name="dbn",
        title="Deep belief net",
        help="Learns to tell images apart by layers that first learn, one after the other, what images look like.",
        inputs=(
            PortSpec("train", help="Labelled images to learn from."),
            PortSpec("valid", required=False, help="Labelled images to stop by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch",),
        params=DBN_PARAMS,
        trains=True,
        spreads=("torch",),
    )

    def run(self, context: StepContext) -> StepResult:
        bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
        lesson = read_image_lesson(context, *bad_rows)
        card = train_lesson(context, "dbn", lesson)
        if context.params["compare"]:
            card = _compare(context, lesson, card)
        return StepResult(metrics={**card.metrics, "classes": lesson.outcome.width, **count_left_out(*bad_rows)})


def _compare(context: StepContext, lesson: Lesson, card: ModelCard) -> ModelCard:
    """The card, with what the same training reaches without the greedy stage; no model is kept of that."""
    rows: list[dict[str, Any]] = []

    def tell(position: int, progress: float | None = None, **metrics: float) -> None:
        named = {f"plain_{name}": value for name, value in metrics.items()}
        rows.append({"epoch": position, **named})
        context.report(position, progress, **named)

    folder = context.scratch / "plain"
    folder.mkdir()
    order = TrainOrder(
        algorithm="dbn",
        intake=lesson.intake,
        outcome=lesson.outcome,
        train=lesson.train,
        valid=lesson.valid,
        params=context.params | {"greedy_epochs": 0},
        folder=folder,
        threads=max(1, int(context.cpus)),
        gpus=context.gpus,
        workers=context.workers.move() if context.workers is not None else None,
    )
    plain = find_trainer("dbn", context.framework or "torch")(order, tell).metrics
    accuracy = "valid_accuracy" if lesson.valid is not None else "accuracy"
    loss = "valid_loss" if lesson.valid is not None else "loss"
    numbers = {
        f"plain_{accuracy}": plain[accuracy],
        f"plain_{loss}": plain[loss],
        "gain": card.metrics[accuracy] - plain[accuracy],
        "loss_gain": plain[loss] - card.metrics[loss],
    }
    return add_numbers(context, card, numbers, rows)
