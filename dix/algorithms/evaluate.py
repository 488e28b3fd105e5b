"""Compare predictions with the truth."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.algorithms.confusion import Confusion, count_confusion
from dix.algorithms.confusion_page import write_page
from dix.data.detect import detect_format
from dix.data.files import list_data_files
from dix.data.labels import find_targets, read_labels, sort_labels
from dix.data.tables import TABLE_FORMATS, read_batches
from dix.errors import BadData
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.store.store import Store


class Evaluate(Algorithm):
    """Reads two columns; leaves `metrics.json` in `metrics`, `report.html` and `report.json` in `report`."""

    spec = AlgorithmSpec(
        name="evaluate",
        title="Evaluate",
        help="Compares a column of predictions with a column of truth: accuracy, precision, recall, confusion.",
        inputs=(PortSpec("data", help="A table with both columns, such as a model node makes."),),
        outputs=(
            PortSpec("metrics", PortKind.METRICS, help="The numbers."),
            PortSpec("report", help="The numbers as a page to read."),
        ),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "label_column": {
                    "type": "string", "default": "label", "minLength": 1,
                    "description": "The column with the true classes.",
                },
                "prediction_column": {
                    "type": "string", "default": "prediction", "minLength": 1,
                    "description": "The column with the predicted classes.",
                },
            },
        },
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        uri, params = context.inputs["data"], context.params
        truth, predicted = _read_pairs(context.store, uri, params["label_column"], params["prediction_column"])
        classes = sort_labels([*truth, *predicted])
        confusion = count_confusion(find_targets(truth, classes), find_targets(predicted, classes), classes)
        summary = {"accuracy": confusion.accuracy, **confusion.average_classes(), "rows": confusion.rows}
        _write(context, confusion, summary)
        return StepResult(metrics=summary)


def _read_pairs(store: Store, uri: str, truth: str, prediction: str) -> tuple[NDArray[Any], NDArray[Any]]:
    found = detect_format(store, uri, list_data_files(store, uri))
    if found.format not in TABLE_FORMATS:
        raise BadData(uri, f"it is {found.describe()}, which is no table", "connect the output of a model node")
    pairs: tuple[list[NDArray[Any]], list[NDArray[Any]]] = ([], [])
    for file in found.files:
        first_row = 0
        for batch in read_batches(store, file, found.format, [truth, prediction]):
            for labels, name in zip(pairs, (truth, prediction), strict=True):
                labels.append(read_labels(batch.column(name), file.uri, name, first_row))
            first_row += batch.num_rows
    if not sum(len(labels) for labels in pairs[0]):
        raise BadData(uri, "there are no rows")
    return np.concatenate(pairs[0]), np.concatenate(pairs[1])


def _write(context: StepContext, confusion: Confusion, summary: dict[str, Any]) -> None:
    details = {
        **summary,
        "classes": confusion.describe_classes(),
        "confusion": {"classes": list(confusion.classes), "counts": confusion.counts.tolist()},
    }
    text = json.dumps(details, indent=2, ensure_ascii=False) + "\n"
    (context.output("metrics") / "metrics.json").write_text(text, encoding="utf-8")
    report = context.output("report")
    (report / "report.json").write_text(text, encoding="utf-8")
    (report / "report.html").write_text(write_page(f"Evaluation: {context.node}", confusion), encoding="utf-8")
