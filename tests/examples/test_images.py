"""The example of images runs on each framework with one word changed, and reaches what scikit-learn reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from dix.data.digits import write_digits
from dix.records.states import RunState
from tests.engine.conftest import Workshop

FLOW = (Path(__file__).parents[2] / "examples" / "images" / "flow.yaml").read_text()


@pytest.mark.parametrize("framework", ["torch", "tensorflow", "caffe"])
def test_it_is_better_than_a_linear_model(workshop: Workshop, tmp_path: Path, framework: str) -> None:
    write_digits(tmp_path / "digits")
    for name in ("train.parquet", "test.parquet"):
        workshop.store.put(tmp_path / "digits" / name, f"digits/{name}")
    run = workshop.do(FLOW.replace("framework: torch", f"framework: {framework}"), params={"epochs": 6})
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    assert workshop.catalog.models.get_model("images").manifest["framework"] == framework
    images, labels = read(tmp_path / "digits" / "train.parquet")
    unseen, right = read(tmp_path / "digits" / "test.parquet")
    linear = LogisticRegression(max_iter=200).fit(images, labels).score(unseen, right)
    assert steps["evaluate"].metrics["accuracy"] >= linear > 0.95


def read(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    table = pq.read_table(path)
    return np.array(table["image"].to_pylist()).reshape(len(table), -1) / 255, np.array(table["label"].to_pylist())
