"""The example of texts reads as well as a linear model of word counts on the same rows."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FOLDER = Path(__file__).parents[2] / "examples" / "text"
FLOW = (FOLDER / "flow.yaml").read_text()


@pytest.fixture(scope="module")
def docstrings() -> bytes:
    """A part of those that are installed."""
    rows = runpy.run_path(str(FOLDER / "make_docstrings.py"))["make_docstrings"](("pandas", "sklearn", "keras"))
    text: str = rows.to_csv(index=False)
    return text.encode()


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_it_reads_as_well_as_another_implementation(workshop: Workshop, docstrings: bytes, framework: str) -> None:
    workshop.store.write_bytes("text/docstrings.csv", docstrings)
    # So few texts have to be read more often.
    flow = FLOW.replace("epochs: 6", "epochs: 12").replace("framework: torch", f"framework: {framework}")
    run = workshop.do(flow)
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    train, valid, test = (read(workshop, steps["parts"].outputs[port]) for port in ("train", "valid", "test"))
    reference = compare(pd.concat([train, valid]), test)
    assert steps["evaluate"].metrics["rows"] == len(test)
    assert steps["evaluate"].metrics["accuracy"] > reference - 0.04


def compare(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """The accuracy of scikit-learn's logistic regression on weighed word counts."""
    words = TfidfVectorizer(sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=1000).fit(words.fit_transform(train["text"]), train["label"])
    return float(model.score(words.transform(test["text"]), test["label"]))


def read(workshop: Workshop, uri: str) -> pd.DataFrame:
    return pq.read_table(workshop.store.local_path(uri)).to_pandas()
