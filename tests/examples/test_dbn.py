"""The example of the deep belief net reads digits as well as scikit-learn's Boltzmann machine with a regression."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline

from dix.data.digits import write_digits
from dix.records.states import RunState
from tests.engine.conftest import Workshop

FLOW = (Path(__file__).parents[2] / "examples" / "dbn" / "flow.yaml").read_text()


def test_it_reads_digits_as_well_as_another_implementation(workshop: Workshop, tmp_path: Path) -> None:
    write_digits(tmp_path / "digits")
    for name in ("train.parquet", "test.parquet"):
        workshop.store.put(tmp_path / "digits" / name, f"digits/{name}")
    flow = FLOW.replace("  epochs: 40", "  epochs: 24").replace("greedy_epochs: 40", "greedy_epochs: 20")
    run = workshop.do(flow)
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    train, test = (read(tmp_path / "digits" / f"{name}.parquet") for name in ("train", "test"))
    machine = BernoulliRBM(n_components=100, learning_rate=0.06, n_iter=10, random_state=0)
    reference = make_pipeline(machine, LogisticRegression(C=20, max_iter=500, tol=0.001)).fit(*train).score(*test)
    accuracy = steps["evaluate"].metrics["accuracy"]
    assert accuracy >= reference - 0.01
    metrics = steps["dbn"].metrics
    assert metrics["gain"] == metrics["valid_accuracy"] - metrics["plain_valid_accuracy"]
    assert metrics["layer1_reconstruction"] < 0.045


def read(path: Path) -> tuple[np.ndarray, list[str]]:
    table = pq.read_table(path).to_pandas()
    return np.array([np.concatenate(image) for image in table["image"]]) / 255, list(table["label"])
