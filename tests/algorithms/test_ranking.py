"""The numbers of probabilities agree with scikit-learn's, and the curves are whole."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from dix.algorithms.ranking import draw_curves, rank, tabulate_curves


def make(classes: int, rows: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(0)
    truth = chance.integers(0, classes, rows)
    raw = chance.random((rows, classes)) + 0.5 * np.eye(classes)[truth]
    return truth, raw / raw.sum(axis=1, keepdims=True)


def test_two_classes_are_judged_by_the_second() -> None:
    truth, scores = make(2)
    ranking = rank(truth, scores, ("no", "yes"))
    assert ranking.summary["roc_auc"] == pytest.approx(roc_auc_score(truth, scores[:, 1]))
    assert ranking.summary["average_precision"] == pytest.approx(average_precision_score(truth, scores[:, 1]))
    assert ranking.summary["log_loss"] == pytest.approx(log_loss(truth, scores))
    assert {curve.label for curve in ranking.curves} == {"yes"}


def test_more_classes_are_judged_each_against_the_rest() -> None:
    truth, scores = make(4)
    ranking = rank(truth, scores, tuple("abcd"))
    assert ranking.summary["roc_auc"] == pytest.approx(roc_auc_score(truth, scores, multi_class="ovr"))
    table = tabulate_curves(ranking).to_pandas()
    roc = table[(table["curve"] == "roc") & (table["class"] == "c")]
    assert roc["x"].is_monotonic_increasing
    assert (roc["x"].iloc[0], roc["x"].iloc[-1], roc["y"].iloc[-1]) == (0, 1, 1)
    assert len(roc) <= 500
    assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(ranking.classes["c"]["roc_auc"], abs=0.003)


def test_a_class_that_is_not_there_is_left_out() -> None:
    truth, scores = make(3)
    ranking = rank(np.where(truth == 2, 0, truth), scores, tuple("abc"))
    assert set(ranking.classes) == {"a", "b"}


def test_sure_and_right_is_well_calibrated_and_sure_and_wrong_is_not() -> None:
    truth = np.array([0, 1] * 50)
    assert rank(truth, np.eye(2)[truth], ("a", "b")).summary["calibration_error"] == 0
    assert rank(truth, np.eye(2)[1 - truth], ("a", "b")).summary["calibration_error"] == 1


def test_names_of_classes_do_not_break_the_page() -> None:
    truth, scores = make(3)
    drawn = draw_curves(rank(truth, scores, ("<script>", '"猫" & 🐱', "c")))
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "猫&quot; &amp; 🐱" in drawn
