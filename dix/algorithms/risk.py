"""Risk control: learns from tables with numbers and categories to tell rare classes, and where to draw the line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.detection import judge_detection
from dix.algorithms.lesson import OUTPUTS, Lesson, add_numbers, count_left_out, hold_out, train_lesson
from dix.algorithms.ranking import rank
from dix.algorithms.risk_params import RISK_PARAMS
from dix.data.bad_rows import BadRows
from dix.data.feature_tables import LabelledTable, TableOptions, read_labelled_table
from dix.data.labels import find_targets, sort_labels
from dix.errors import BadData, BadValue
from dix.flow.spec import AlgorithmSpec, PortSpec
from dix.frameworks.intakes.table import TableIntake, fit_table
from dix.frameworks.lookup import load_predictor
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples


class Risk(Algorithm):
    """Trains on the rows of `train`, and stops by those of `valid`, or by a part of `train` kept aside for it.

    How good it is, and the threshold, are found on those rows with the model that was written.
    """

    spec = AlgorithmSpec(
        name="risk",
        title="Risk control",
        help="Learns to tell risks in a table with numbers, categories and gaps, and the score from which on to act.",
        inputs=(
            PortSpec("train", help="A table to learn from: each column an input, one of them the class."),
            PortSpec("valid", required=False, help="A table to stop and judge by; otherwise a part of train."),
        ),
        outputs=OUTPUTS,
        frameworks=("torch",),
        params=RISK_PARAMS,
        trains=True,
        spreads=("torch",),
    )

    def run(self, context: StepContext) -> StepResult:
        bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
        train, valid = _read(context, *bad_rows)
        labels = sort_labels(train.labels)
        positive = _find_positive(context, train.labels, labels)
        targets = find_targets(train.labels, labels)
        if valid is None:
            is_valid = hold_out(targets, context.params["validation_split"], context.params["seed"])
            if is_valid is not None:
                valid, train, targets = train.take(is_valid), train.take(~is_valid), targets[~is_valid]
        intake = fit_table(train.columns, scale=context.params["scale"], min_count=context.params["min_count"])
        examples = Examples(intake.prepare(train.columns), targets)
        held_out = _prepare_valid(context, intake, valid, labels) if valid is not None else None
        lesson = Lesson(intake, ClassesOutcome(labels), examples, held_out)
        card = train_lesson(context, "risk", lesson)
        if valid is not None and held_out is not None:
            card = add_numbers(context, card, _judge(context, valid, held_out.targets, labels, positive))
        return StepResult(metrics={**card.metrics, "classes": len(labels), **count_left_out(*bad_rows)})


def _read(context: StepContext, of_train: BadRows, of_valid: BadRows) -> tuple[LabelledTable, LabelledTable | None]:
    params = context.params
    options = TableOptions(
        label_column=params["label_column"],
        columns=tuple(params["columns"]),
        ignore=tuple(params["ignore"]),
        categories=tuple(params["categories"]),
        memory_bytes=context.memory_bytes,
        bad_rows=of_train,
    )
    train = read_labelled_table(context.store, context.inputs["train"], options)
    for name, values in train.columns.items():
        if values.dtype != object and np.isnan(values).all():
            raise BadData(context.inputs["train"], f"column {name} has no values at all", "name it in ignore")
    if "valid" not in context.inputs:
        return train, None
    options = replace(options, bad_rows=of_valid)
    return train, read_labelled_table(context.store, context.inputs["valid"], options, train.kinds)


def _find_positive(context: StepContext, of_rows: NDArray[Any], labels: tuple[str, ...]) -> int | None:
    """The place of the class that is the risk; None where there are more than two, and none is named."""
    if len(labels) < 2:
        raise BadData(context.inputs["train"], f"all rows are of one class, {labels[0]}", "give it two or more")
    named = context.params["positive"]
    if named is not None:
        if named not in labels:
            raise BadValue("positive", f"one of the classes {', '.join(labels[:12])}", named)
        return labels.index(named)
    if len(labels) > 2:
        return None
    return int((of_rows == labels[1]).sum() <= (of_rows == labels[0]).sum())


def _prepare_valid(
    context: StepContext, intake: TableIntake, valid: LabelledTable, labels: tuple[str, ...]
) -> Examples:
    """Raises BadData for a class, or a gap, that the training data does not have."""
    uri = context.inputs.get("valid", context.inputs["train"])
    targets = find_targets(valid.labels, labels)
    unknown = np.flatnonzero(targets < 0)
    if len(unknown):
        raise BadData(uri, f"it has the class {valid.labels[unknown[0]]}, which the training data does not have")
    try:
        return Examples(intake.prepare(valid.columns), targets)
    except BadValue as error:
        name = error.args[0]
        raise BadData(
            uri, f"column {name} has gaps, in the rows that are kept aside, and none in those to learn from",
            "fill them in, or name the column in ignore",
        ) from error  # fmt: skip


def _judge(
    context: StepContext,
    valid: LabelledTable,
    truth: NDArray[np.int64],
    labels: tuple[str, ...],
    positive: int | None,
) -> dict[str, Any]:
    """What the model that was written says of the rows kept aside."""
    predictor = load_predictor(context.output("model"), max(1, int(context.cpus)), context.gpus)
    probabilities = predictor.predict(valid.columns)["probabilities"].astype(np.float64)
    if positive is None:
        return rank(truth, probabilities, labels).summary
    found = judge_detection(truth == positive, probabilities[:, positive], context.params["fpr"])
    return {**found, "positive": labels[positive]} if found else {}
