"""The deep belief net as a step: its greedy stage, what that gains, and its answers in bulk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from dix.algorithms.dbn import Dbn
from dix.algorithms.score import Score
from dix.errors import BadValue
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import RunStep

SMALL = {"layers": [32, 16], "epochs": 3, "greedy_epochs": 12}


def test_the_gain_of_the_greedy_stage_is_measured_and_kept(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test.parquet", "digits.parquet")
    ran = run_step(Dbn(), {"train": "digits.parquet"}, params=SMALL | {"compare": True}, framework="torch")
    metrics = ran.result.metrics
    alone = run_step(Dbn(), {"train": "digits.parquet"}, params=SMALL | {"greedy_epochs": 0}, framework="torch")
    assert metrics["plain_valid_accuracy"] == alone.result.metrics["valid_accuracy"]
    assert metrics["gain"] == metrics["valid_accuracy"] - metrics["plain_valid_accuracy"]
    history = json.loads((ran.context.output("metrics") / "metrics.json").read_text())
    assert history["final"]["gain"] == metrics["gain"]
    assert load_predictor(ran.context.output("model")).card.metrics["gain"] == metrics["gain"]
    first = [row["layer1_reconstruction"] for row in history["epochs"] if "layer1_reconstruction" in row]
    assert len(first) == 12
    assert first[-1] < 0.9 * first[0]
    assert len([row for row in history["epochs"] if "plain_loss" in row]) == 3
    again = run_step(Dbn(), {"train": "digits.parquet"}, params=SMALL, framework="torch").result.metrics
    assert again["valid_loss"] == metrics["valid_loss"]


def test_digits_are_scored_in_bulk_as_by_the_model(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test.parquet", "digits.parquet")
    trained = run_step(Dbn(), {"train": "digits.parquet"}, params=SMALL, framework="torch")
    store.commit_folder(trained.context.output("model"), "models/1")
    run_step(Score(), {"data": "digits.parquet"}, models={"model": "models/1"}, target="scores")
    rows = pq.read_table(store.local_path("digits.parquet")).to_pandas()
    images = np.array([np.stack(image) for image in rows["image"]]).astype(np.uint8)
    said = load_predictor(trained.context.output("model")).predict({"image": images})["label"]
    assert pq.read_table(store.local_path("scores"))["prediction"].to_pylist() == said.tolist()


@pytest.mark.parametrize(
    ("images", "params", "message"),
    [
        ([[0.0, 2.0, 1.0, 0.0]] * 20, {}, "image: expected numbers from 0 to 1, or bytes, got 'from 0.0 to 2.0'"),
        ([[0, 9, 200, 1]] * 20, {"greedy_learning_rate": 10, "greedy_weight_decay": 1, "greedy_epochs": 60}, "greedy"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(
    run_step: RunStep, store: Store, images: list[list[float]], params: dict[str, float], message: str
) -> None:
    rows = [{"image": image, "label": place % 2} for place, image in enumerate(images)]
    store.write_bytes("set.jsonl", "\n".join(map(json.dumps, rows)).encode())
    with pytest.raises(BadValue, match=message):
        run_step(Dbn(), {"train": "set.jsonl"}, params=SMALL | params, framework="torch")
