"""The example of recommendation finds more than a truncated SVD, and far more than what is popular."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FOLDER = Path(__file__).parents[2] / "examples" / "recommendation"
FLOW = (FOLDER / "flow.yaml").read_text()


def test_it_finds_more_than_another_implementation(workshop: Workshop) -> None:
    events = runpy.run_path(str(FOLDER / "make_events.py"))["make_events"](800, items=200)
    workshop.store.write_bytes("recommendation/events.csv", events.to_csv(index=False).encode())
    run = workshop.do(FLOW.replace("epochs: 30", "epochs: 15"))
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    metrics = steps["recommendation"].metrics
    reference = compare(events)
    assert metrics["recall_at_10"] > reference - 0.02
    assert metrics["recall_at_10"] > 1.5 * metrics["popular_recall_at_10"]
    answers = pq.read_table(workshop.store.local_path(steps["recommend"].outputs["data"])).to_pandas()
    had = events.groupby("user")["item"].agg(set)
    assert len(answers) == 800
    for user, items in zip(answers["user"], answers["prediction"], strict=True):
        assert len(set(items)) == 10
        assert not had[user] & set(items)


def compare(events: pd.DataFrame) -> float:
    """The recall at 10 of scikit-learn's truncated SVD, the last item of each user kept aside."""
    users, items = (events[name].astype("category").cat.codes.to_numpy() for name in ("user", "item"))
    is_last = events["time"].to_numpy() == events["time"].max()
    had = csr_matrix((np.ones((~is_last).sum()), (users[~is_last], items[~is_last])))
    best = 0.0
    for size in (4, 8, 16):
        svd = TruncatedSVD(size, random_state=0)
        scores = svd.inverse_transform(svd.fit_transform(had))
        scores[users[~is_last], items[~is_last]] = -np.inf
        top = np.argsort(-scores, axis=1)[:, :10]
        best = max(best, float((top[users[is_last]] == items[is_last][:, None]).any(axis=1).mean()))
    return best
