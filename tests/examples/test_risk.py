"""The example of risk control finds what gradient-boosted trees find on the same rows."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FOLDER = Path(__file__).parents[2] / "examples" / "risk"
FLOW = (FOLDER / "flow.yaml").read_text()


def test_it_finds_as_many_defaults_as_another_implementation(workshop: Workshop) -> None:
    rows = runpy.run_path(str(FOLDER / "make_credits.py"))["make_credits"](8000)
    workshop.store.write_bytes("risk/credits.csv", rows.to_csv(index=False).encode())
    run = workshop.do(FLOW.replace("epochs: 30", "epochs: 8"))
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    train, test = (read(workshop, steps["parts"].outputs[port]) for port in ("train", "test"))
    reference = compare(train, test)
    scored = read(workshop, steps["score"].outputs["data"])
    is_default = scored["label"] == "default"
    of_default = np.stack(scored["probabilities"])[:, 0]
    mine = roc_auc_score(is_default, of_default)
    assert mine > reference - 0.02
    metrics = steps["risk"].metrics
    assert metrics["threshold_fpr"] <= 0.05
    assert metrics["threshold_recall"] > 3 * metrics["threshold_fpr"]
    assert metrics["positive"] == "default"
    judged = steps["evaluate"].metrics
    assert judged["average_precision"] == pytest.approx(average_precision_score(is_default, of_default), abs=1e-6)


def compare(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """The area under the curve that scikit-learn's trees reach."""
    columns = ["age", "income", "amount", "months", "arrears", "job", "branch"]
    both = pd.concat([train, test])[columns].astype({"job": "category", "branch": "category"})
    trees = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=60, learning_rate=0.05, random_state=0
    )
    trees.fit(both[: len(train)], train["label"] == "default")
    return float(roc_auc_score(test["label"] == "default", trees.predict_proba(both[len(train) :])[:, 1]))


def read(workshop: Workshop, uri: str) -> pd.DataFrame:
    return pq.read_table(workshop.store.local_path(uri)).to_pandas()
