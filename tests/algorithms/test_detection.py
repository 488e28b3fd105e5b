"""The threshold keeps to the rate of false alarms, and the numbers are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import precision_score, recall_score

from dix.algorithms.detection import judge_detection

CHANCE = np.random.default_rng(0)
IS_RISK = CHANCE.random(2000) < 0.1
SCORES = (CHANCE.normal(size=2000) + 1.5 * IS_RISK).round(2)


@pytest.mark.parametrize("fpr", [0.01, 0.05, 0.5])
def test_the_threshold_is_the_lowest_that_keeps_to_the_rate(fpr: float) -> None:
    numbers = judge_detection(IS_RISK, SCORES, fpr)
    flagged = numbers["threshold"] <= SCORES
    assert flagged[~IS_RISK].mean() == pytest.approx(numbers["threshold_fpr"])
    harmless = SCORES[~IS_RISK]
    next_one = harmless[harmless < numbers["threshold"]].max()
    assert numbers["threshold_fpr"] <= fpr < (harmless >= next_one).mean()
    assert numbers["threshold_recall"] == pytest.approx(recall_score(IS_RISK, flagged))
    assert numbers["threshold_precision"] == pytest.approx(precision_score(IS_RISK, flagged))
    assert numbers["ks"] == pytest.approx(ks_2samp(SCORES[IS_RISK], SCORES[~IS_RISK]).statistic)


def test_where_each_threshold_alarms_too_often_none_is_flagged() -> None:
    numbers = judge_detection(np.array([True, False]), np.array([0.5, 0.5]), 0.0)
    assert numbers["threshold"] > 0.5
    assert (numbers["threshold_recall"], numbers["threshold_precision"]) == (0.0, 0.0)


def test_of_one_class_nothing_can_be_said() -> None:
    assert judge_detection(np.ones(3, bool), np.arange(3.0), 0.1) == {}
