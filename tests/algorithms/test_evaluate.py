"""Predictions are compared with the truth, and the page can be read by anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.evaluate import Evaluate
from dix.errors import BadData
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


def test_no_rows_are_no_evaluation(run_step: RunStep, store: Store) -> None:
    write(store, label=pa.array([], pa.string()), prediction=pa.array([], pa.string()))
    with pytest.raises(BadData, match="there are no rows"):
        run_step(Evaluate(), {"data": "scores"})
