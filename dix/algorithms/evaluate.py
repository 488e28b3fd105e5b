"""Compare predictions with the truth."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.confusion import count_confusion
from dix.algorithms.confusion_page import write_page
from dix.algorithms.ranking import Ranking, draw_curves, rank, tabulate_curves
from dix.algorithms.residuals import measure_residuals, tabulate_residuals, write_residual_page
from dix.data.bad_rows import BadRows
from dix.data.compared import Columns, Compared, Place, are_quantities, read_classes, read_places, read_quantities
from dix.data.labels import find_targets, sort_labels
from dix.errors import BadValue
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec


class Evaluate(Algorithm):
    """Leaves `metrics.json` in `metrics`; a page, the same as JSON, and curves or residuals as Parquet in `report`."""

    spec = AlgorithmSpec(
        name="evaluate",
        title="Evaluate",
        help="Compares predictions with the truth: confusion, ROC and the like for classes, residuals for numbers.",
        inputs=(PortSpec("data", help="A table with both columns, such as a model node makes."),),
        outputs=(
            PortSpec("metrics", PortKind.METRICS, help="The numbers."),
            PortSpec("report", help="The numbers as a page to read, the curves or residuals as a table."),
        ),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "label_column": {
                    "type": "string", "default": "label", "minLength": 1,
                    "description": "The column with the true classes or numbers.",
                },
                "prediction_column": {
                    "type": "string", "default": "prediction", "minLength": 1,
                    "description": "The column with the predicted classes or numbers.",
                },
                "score_column": {
                    "type": "string", "default": "probabilities", "minLength": 1,
                    "description": (
                        "The column with a list of probabilities, one for each class, or with that of the second "
                        "class of two; without it there are no ROC and no calibration."
                    ),
                },
                "classes": {
                    "type": "array", "default": [], "items": {"type": "string"},
                    "description": "The classes in the order of the probabilities, where the model does not say it.",
                },
                "positive": {
                    "type": ["string", "null"], "default": None, "minLength": 1,
                    "description": "The class of two that ROC, average precision and calibration are about; without "
                    "it the second one.",
                },
                "task": {
                    "type": "string", "default": "auto", "enum": ["auto", "classification", "regression"],
                    "description": "auto: regression where both columns hold numbers and not all of them are whole.",
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        params = context.params
        columns = Columns(params["label_column"], params["prediction_column"], params["score_column"])
        if columns.truth == columns.prediction:
            raise BadValue("prediction_column", "another column than label_column", columns.prediction)
        places = read_places(context.store, context.inputs["data"], columns)
        task = params["task"]
        if task == "auto":
            task = "regression" if are_quantities(places, columns) else "classification"
        if task == "regression":
            return _judge_quantities(context, places, columns)
        return _judge_classes(context, places, columns)


def _judge_classes(context: StepContext, places: list[Place], columns: Columns) -> StepResult:
    bad_rows = BadRows(context.bad_rows)
    compared = read_classes(places, columns, bad_rows)
    left_out = bad_rows.finish(context.inputs["data"], _count(places))
    truth, predicted = compared.truth, compared.prediction
    classes = sort_labels([*truth, *predicted])
    confusion = count_confusion(find_targets(truth, classes), find_targets(predicted, classes), classes)
    ranking, note = _rank(compared, classes, tuple(context.params["classes"]), context.params["positive"])
    summary = {
        "accuracy": confusion.accuracy, **confusion.average_classes(), **ranking.summary, "rows": confusion.rows,
        **left_out,
    }  # fmt: skip
    described = [one | ranking.classes.get(one["class"], {}) for one in confusion.describe_classes()]
    details = {
        **summary,
        "classes": described,
        "confusion": {"classes": list(classes), "counts": confusion.counts.tolist()},
    } | ({"note": note} if note else {})
    title = f"Evaluation: {context.node}"
    _write(context, details, write_page(title, confusion, f"<p>{note}</p>" if note else draw_curves(ranking)))
    if ranking.curves:
        pq.write_table(tabulate_curves(ranking), context.output("report") / "curves.parquet")
    return StepResult(metrics=summary)


def _judge_quantities(context: StepContext, places: list[Place], columns: Columns) -> StepResult:
    bad_rows = BadRows(context.bad_rows)
    compared = read_quantities(places, columns, bad_rows)
    left_out = bad_rows.finish(context.inputs["data"], _count(places))
    truth, predicted = compared.truth, compared.prediction
    numbers = measure_residuals(truth, predicted)
    page = write_residual_page(f"Evaluation: {context.node}", truth, predicted, numbers)
    _write(context, numbers | left_out, page)
    pq.write_table(tabulate_residuals(truth, predicted), context.output("report") / "residuals.parquet")
    return StepResult(metrics={name: value for name, value in numbers.items() if value is not None} | left_out)


def _rank(
    compared: Compared, seen: tuple[str, ...], given: tuple[str, ...], positive: str | None
) -> tuple[Ranking, str]:
    """What the probabilities are worth; a sentence instead where it is not known which class each is of."""
    scores = compared.scores
    if scores is None:
        return Ranking({}), ""
    order = given or compared.classes or seen
    if scores.ndim == 1:
        scores = np.stack([1 - scores, scores], axis=1)
    if len(order) != scores.shape[1] and given:
        raise BadValue("classes", f"{scores.shape[1]} names, one for each probability", len(order))
    if len(order) != scores.shape[1] or not (given or compared.classes or _fits(compared, scores, order)):
        return Ranking({}), (
            "There are probabilities, but it is not known which class each of them is of; name them in the parameter "
            "classes."
        )
    return rank(find_targets(compared.truth, order), scores, order, _find_positive(order, positive)), ""


def _find_positive(order: tuple[str, ...], positive: str | None) -> int:
    """The place of the class that the curves of two are about."""
    if positive is None:
        return 1
    if len(order) != 2 or positive not in order:
        raise BadValue("positive", f"one of two classes; there are {', '.join(order[:12])}", positive)
    return order.index(positive)


def _fits(compared: Compared, scores: NDArray[np.float64], order: tuple[str, ...]) -> bool:
    """Whether the most probable class is what was predicted, for all rows: so the order is the right one.

    With two classes another threshold than a half may have been used, so only the mean must lie on the right side.
    """
    said = find_targets(compared.prediction, order)
    if len(order) > 2:
        return bool((scores.argmax(axis=1) == said).all())
    low, high = scores[said == 0, 1], scores[said == 1, 1]
    return not (len(low) and len(high)) or bool(low.mean() <= high.mean())


def _count(places: list[Place]) -> int:
    return sum(place.batch.num_rows for place in places)


def _write(context: StepContext, details: dict[str, Any], page: str) -> None:
    text = json.dumps(details, indent=2, ensure_ascii=False) + "\n"
    (context.output("metrics") / "metrics.json").write_text(text, encoding="utf-8")
    report = context.output("report")
    (report / "report.json").write_text(text, encoding="utf-8")
    (report / "report.html").write_text(page, encoding="utf-8")
