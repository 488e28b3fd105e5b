"""How well scores find the rows that are a risk, and from which score on to act."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def judge_detection(is_risk: NDArray[np.bool_], scores: NDArray[np.float64], fpr: float) -> dict[str, float]:
    """`auc`, `average_precision`, `ks` (how far the two classes come apart), and the `threshold` at which most risks
    are found while at most the share `fpr` of the harmless rows is: with its `recall`, `precision` and rate.

    Empty where one of the two is not there.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

    if is_risk.all() or not is_risk.any():
        return {}
    false_rate, true_rate, at = roc_curve(is_risk, scores, drop_intermediate=False)
    place = int(np.flatnonzero(false_rate <= fpr)[-1])
    # The first point is that of a threshold above all scores, at which nothing is found.
    threshold = at[place] if place else np.nextafter(np.float32(scores.max()), np.float32(np.inf))
    risks, harmless = is_risk.sum(), (~is_risk).sum()
    found, wrong = true_rate[place] * risks, false_rate[place] * harmless
    return {
        "auc": float(roc_auc_score(is_risk, scores)),
        "average_precision": float(average_precision_score(is_risk, scores)),
        "ks": float((true_rate - false_rate).max()),
        "threshold": float(threshold),
        "threshold_recall": float(true_rate[place]),
        "threshold_precision": float(found / (found + wrong)) if place else 0.0,
        "threshold_fpr": float(false_rate[place]),
    }
