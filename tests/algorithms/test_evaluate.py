"""Predictions are compared with the truth, and the page can be read by anybody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.evaluate import Evaluate
from dix.data.part_writing import PartWriter, add_answers
from dix.errors import BadData, BadValue
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


def write(store: Store, **columns: list[object]) -> None:
    path = Path(store.local_path("scores") or "")
    path.mkdir(parents=True)
    pq.write_table(pa.table(columns), path / "part-0.parquet")


def test_numbers_and_page_are_left(run_step: RunStep, store: Store) -> None:
    write(store, label=["a", "a", "<b>", "<b>"], prediction=["a", "<b>", "<b>", "<b>"])
    ran = run_step(Evaluate(), {"data": "scores"})
    assert ran.result.metrics["accuracy"] == 0.75
    assert ran.result.metrics["rows"] == 4
    details = json.loads((ran.context.output("metrics") / "metrics.json").read_text())
    assert details["confusion"] == {"classes": ["<b>", "a"], "counts": [[2, 0], [1, 1]]}
    page = (ran.context.output("report") / "report.html").read_text()
    assert "75.00% of them right" in page
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_numbers_and_texts_of_one_class_are_the_same(run_step: RunStep, store: Store) -> None:
    write(store, truth=[1, 2, 10], prediction=["1", "2", "10"])
    ran = run_step(Evaluate(), {"data": "scores"}, params={"label_column": "truth"})
    assert ran.result.metrics["accuracy"] == 1.0


def test_many_classes_show_their_mistakes(run_step: RunStep, store: Store) -> None:
    write(store, label=[str(i) for i in range(60)], prediction=[str(i) for i in [1, *range(1, 60)]])
    page = (run_step(Evaluate(), {"data": "scores"}).context.output("report") / "report.html").read_text()
    assert "how often" in page


def test_missing_truth_is_said(run_step: RunStep, store: Store) -> None:
    write(store, lable=["a"], prediction=["a"])
    with pytest.raises(BadData, match=r"there is no column label; did you mean lable\?"):
        run_step(Evaluate(), {"data": "scores"})


def test_a_column_is_not_compared_with_itself(run_step: RunStep, store: Store) -> None:
    write(store, label=["a", "b"], prediction=["a", "a"])
    with pytest.raises(BadValue, match="prediction_column: expected another column than label_column, got 'label'"):
        run_step(Evaluate(), {"data": "scores"}, params={"prediction_column": "label"})


def test_no_rows_are_no_evaluation(run_step: RunStep, store: Store) -> None:
    write(store, label=pa.array([], pa.string()), prediction=pa.array([], pa.string()))
    with pytest.raises(BadData, match="there are no rows"):
        run_step(Evaluate(), {"data": "scores"})


def test_probabilities_of_a_known_order_are_judged(run_step: RunStep, store: Store) -> None:
    write(
        store, label=["b", "a", "b", "a"], prediction=["b", "a", "a", "a"],
        probabilities=[[0.2, 0.8], [0.9, 0.1], [0.6, 0.4], [0.7, 0.3]],
    )  # fmt: skip
    ran = run_step(Evaluate(), {"data": "scores"})
    assert ran.result.metrics["roc_auc"] == 1.0
    turned = run_step(Evaluate(), {"data": "scores"}, params={"classes": ["b", "a"]})
    assert turned.result.metrics["roc_auc"] == 0.0
    assert set(pq.read_table(ran.context.output("report") / "curves.parquet")["curve"].to_pylist()) == {
        "roc", "pr", "calibration",
    }  # fmt: skip
    assert "<svg" in (ran.context.output("report") / "report.html").read_text()


def test_the_class_that_is_looked_for_is_judged(run_step: RunStep, store: Store) -> None:
    truth, scores = ["no", "no", "no", "bad"], [[0.6, 0.4], [0.2, 0.8], [0.3, 0.7], [0.55, 0.45]]
    write(store, label=truth, prediction=["bad", "no", "no", "bad"], probabilities=scores)
    found = run_step(Evaluate(), {"data": "scores"}, params={"positive": "bad"}).result.metrics
    assert found["average_precision"] == pytest.approx(0.5)
    other = run_step(Evaluate(), {"data": "scores"}).result.metrics
    assert other["average_precision"] > 0.9
    assert other["roc_auc"] == pytest.approx(found["roc_auc"])
    with pytest.raises(BadValue, match="positive: expected one of two classes; there are bad, no, got 'risk'"):
        run_step(Evaluate(), {"data": "scores"}, params={"positive": "risk"})


def test_the_order_that_a_model_node_wrote_is_taken(run_step: RunStep, store: Store) -> None:
    rows = pa.table({"label": ["a", "c"], "prediction": ["a", "c"]})
    answers = {"label": np.array(["a", "c"], object), "probabilities": np.eye(3, dtype="f4")[[1, 0]]}
    scores = add_answers(rows.select(["label"]), answers, "cab")
    path = Path(store.local_path("scores.parquet") or "")
    with PartWriter(path) as writer:
        writer.write(scores)
    assert run_step(Evaluate(), {"data": "scores.parquet"}).result.metrics["roc_auc"] == 1.0


def test_an_order_that_cannot_be_known_is_said_and_not_guessed(run_step: RunStep, store: Store) -> None:
    write(store, label=["a", "b"], prediction=["a", "b"], probabilities=[[0.1, 0.8, 0.1], [0.9, 0.1, 0.0]])
    ran = run_step(Evaluate(), {"data": "scores"})
    assert "roc_auc" not in ran.result.metrics
    assert (
        "it is not known which class each of them is of" in (ran.context.output("report") / "report.html").read_text()
    )
    with pytest.raises(BadValue, match="classes: expected 3 names, one for each probability, got 2"):
        run_step(Evaluate(), {"data": "scores"}, params={"classes": ["a", "b"]})


def test_what_is_no_probability_is_named(run_step: RunStep, store: Store) -> None:
    write(store, label=["a", "b"], prediction=["a", "b"], probabilities=[0.1, 3.0])
    with pytest.raises(BadData, match="column probabilities, row 1: it is no probability"):
        run_step(Evaluate(), {"data": "scores"})


def test_numbers_are_judged_by_their_residuals(run_step: RunStep, store: Store) -> None:
    write(store, label=[1.5, 2.0, 4.0], prediction=[1.0, 2.0, 5.0])
    ran = run_step(Evaluate(), {"data": "scores"})
    assert ran.result.metrics["mae"] == pytest.approx(0.5)
    table = pq.read_table(ran.context.output("report") / "residuals.parquet")
    assert table["residual"].to_pylist() == [-0.5, 0.0, 1.0]
    assert (ran.context.output("report") / "report.html").read_text().count("<svg") == 2


def test_whole_numbers_are_judged_by_residuals_when_asked(run_step: RunStep, store: Store) -> None:
    write(store, label=[1, 2], prediction=[1, 4])
    whole = run_step(Evaluate(), {"data": "scores"}, params={"task": "regression"})
    assert whole.result.metrics["mae"] == 1.0


def test_forecasts_are_compared_step_by_step(run_step: RunStep, store: Store) -> None:
    write(store, label=[[1.5, 2.0], [3.0, 4.0]], prediction=[[1.5, 2.0], [3.0, 5.0]])
    metrics = run_step(Evaluate(), {"data": "scores"}).result.metrics
    assert (metrics["rows"], metrics["mae"]) == (4, 0.25)


def test_a_share_of_bad_rows_is_left_out_and_said(run_step: RunStep, store: Store) -> None:
    write(store, label=["a", None, "b", ""], prediction=["a", "b", "b", "b"])
    ran = run_step(Evaluate(), {"data": "scores"}, bad_rows=0.5)
    assert (ran.result.metrics["accuracy"], ran.result.metrics["bad_rows"]) == (1.0, 2)
    with pytest.raises(
        BadData, match=r"2 of 4 cannot be used, 50.00%, and bad_rows allows 25.00%; the first: .* row 1"
    ):
        run_step(Evaluate(), {"data": "scores"}, bad_rows=0.25)
