"""How good the probabilities of a classifier are: each class against all others, and its curves."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.algorithms.charts import Frame, Line, draw_lines

_MOST_POINTS = 500
_MOST_DRAWN = 10
_BINS = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of one curve of one class; `kind` is roc, pr or calibration."""

    label: str
    kind: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The numbers over all classes that are there and are not alone, those of each class, and the curves."""

    summary: dict[str, float]
    classes: dict[str, dict[str, float]] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()


def rank(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64], classes: Sequence[str], positive: int = 1
) -> Ranking:
    """Judge probabilities [n, classes]; `truth` has places among the classes, -1 for a class that has no column.

    For two classes the numbers are those of the one at `positive`; for more, the plain mean over the classes.
    """
    from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

    numbers: dict[str, dict[str, float]] = {}
    curves: list[Curve] = []
    for place in [positive] if len(classes) == 2 else range(len(classes)):
        is_so, scores = truth == place, probabilities[:, place]
        if is_so.all() or not is_so.any():
            continue
        numbers[classes[place]] = {
            "roc_auc": float(roc_auc_score(is_so, scores)),
            "average_precision": float(average_precision_score(is_so, scores)),
        }
        curves += _find_curves(classes[place], is_so, scores)
    summary = {
        name: float(np.mean([one[name] for one in numbers.values()]))
        for name in ("roc_auc", "average_precision")
        if numbers
    }
    if (truth >= 0).all() and len(classes) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rows that sum to 1 as well as float32 can
            summary["log_loss"] = float(log_loss(truth, probabilities, labels=range(len(classes))))
        summary["calibration_error"] = _find_calibration_error(truth, probabilities)
    return Ranking(summary, numbers, tuple(curves))


def tabulate_curves(ranking: Ranking) -> pa.Table:
    """All curves as rows: class, curve, x, y, threshold."""
    return pa.table(
        {
            "class": pa.array([curve.label for curve in ranking.curves for _ in curve.x], pa.string()),
            "curve": pa.array([curve.kind for curve in ranking.curves for _ in curve.x], pa.string()),
            "x": np.concatenate([curve.x for curve in ranking.curves] or [np.zeros(0)]),
            "y": np.concatenate([curve.y for curve in ranking.curves] or [np.zeros(0)]),
            "threshold": np.concatenate([curve.threshold for curve in ranking.curves] or [np.zeros(0)]),
        }
    )


def draw_curves(ranking: Ranking) -> str:
    """The curves of the first classes as pictures."""
    frames = {
        "roc": Frame("ROC", "false positive rate", "true positive rate"),
        "pr": Frame("Precision and recall", "recall", "precision"),
        "calibration": Frame("Calibration", "predicted probability", "how often it is so"),
    }
    pictures = []
    for kind, frame in frames.items():
        lines = [Line(curve.label, curve.x, curve.y) for curve in ranking.curves if curve.kind == kind]
        pictures.append(draw_lines(frame, lines[:_MOST_DRAWN], diagonal=kind != "pr"))
    return f"<h2>Probabilities</h2>{''.join(pictures)}" if ranking.curves else ""


def _find_curves(label: str, is_so: NDArray[np.bool_], scores: NDArray[np.float64]) -> list[Curve]:
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import precision_recall_curve, roc_curve

    false_rate, true_rate, at = roc_curve(is_so, scores)
    precision, recall, from_ = precision_recall_curve(is_so, scores)
    often, said = calibration_curve(is_so, np.clip(scores, 0, 1), n_bins=_BINS)
    return [
        _thin(Curve(label, "roc", false_rate, true_rate, np.where(np.isfinite(at), at, np.nan))),
        _thin(Curve(label, "pr", recall, precision, np.append(from_, np.nan))),
        Curve(label, "calibration", said, often, said),
    ]


def _thin(curve: Curve) -> Curve:
    """At most so many points, evenly spread, the first and the last among them."""
    if len(curve.x) <= _MOST_POINTS:
        return curve
    kept = np.unique(np.linspace(0, len(curve.x) - 1, _MOST_POINTS).round().astype(int))
    return Curve(curve.label, curve.kind, curve.x[kept], curve.y[kept], curve.threshold[kept])


def _find_calibration_error(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """How far confidence and accuracy are apart, in the mean over ten bins of confidence weighted by their rows."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    apart = [abs(sure[bins == one].sum() - right[bins == one].sum()) for one in range(_BINS)]
    return float(sum(apart) / len(truth))
