"""The example of preparing data reaches what scikit-learn reaches on the same rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_wine
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FLOW = (Path(__file__).parents[2] / "examples" / "preparation" / "flow.yaml").read_text()


@pytest.fixture
def wines(workshop: Workshop) -> None:
    """As the README of the example writes them."""
    data = load_wine(as_frame=True)
    rows = data.data.assign(id=range(len(data.data)), cultivar=data.target)
    workshop.store.write_bytes("wine/wines.csv", rows.to_csv(index=False).encode())
    names = pd.DataFrame({"cultivar": [0, 1, 2], "label": list(data.target_names)})
    workshop.store.write_bytes("wine/cultivars.csv", names.to_csv(index=False).encode())


def test_it_reaches_what_another_implementation_reaches(workshop: Workshop, wines: None) -> None:
    run = workshop.do(FLOW)
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    assert steps["with_names"].metrics["left_unmatched"] == 0
    assert steps["parts"].metrics == {"train": 125, "valid": 0, "test": 53, "bad_rows": 0}
    train, test = (read(workshop, steps["parts"].outputs[port]) for port in ("train", "test"))
    columns = [name for name in train.columns if name not in ("id", "cultivar", "label")]
    scaler = StandardScaler().fit(train[columns])
    net = NearestCentroid().fit(scaler.transform(train[columns]), train["label"])
    predicted = net.predict(scaler.transform(test[columns]))
    mine = read(workshop, steps["classify"].outputs["data"]).set_index("id").loc[test["id"]]
    assert list(mine["prediction"]) == list(predicted)
    metrics = steps["evaluate"].metrics
    assert metrics["accuracy"] == pytest.approx(accuracy_score(test["label"], predicted))
    by_hand = roc_auc_score(test["label"], mine["probabilities"].tolist(), multi_class="ovr")
    assert metrics["roc_auc"] == pytest.approx(by_hand)
    assert metrics["accuracy"] > 0.94


def read(workshop: Workshop, uri: str) -> pd.DataFrame:
    return pq.read_table(workshop.store.local_path(uri)).to_pandas()
