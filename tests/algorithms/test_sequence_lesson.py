"""Sequences of numbers as a step: from a list column, learned, scored and answered."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dix.algorithms.lstm import Lstm
from dix.algorithms.rnn import Rnn
from dix.algorithms.score import Score
from dix.errors import BadData
from dix.frameworks.lookup import load_predictor
from dix.serve.protocol import read_request, write_response
from dix.store.store import Store
from tests.algorithms.conftest import RunStep

SMALL = {"sequence_column": "wave", "epochs": 8, "hidden": 8, "learning_rate": 0.02, "batch_size": 16}


def make_waves(count: int = 80, channels: int = 0) -> list[dict[str, Any]]:
    """Slow waves and quick ones, of all lengths."""
    chance = np.random.default_rng(0)
    rows = []
    for i in range(count):
        steps = np.arange(int(chance.integers(12, 30)))
        wave = np.sin(steps * (0.4, 2.0)[i % 2] + chance.uniform(0, 6)).round(4)
        values = np.stack([wave] * channels, axis=1) if channels else wave
        rows.append({"wave": values.tolist(), "label": ("slow", "quick")[i % 2]})
    return rows


def write(store: Store, rows: list[dict[str, Any]], name: str = "waves.jsonl") -> str:
    store.write_bytes(name, "\n".join(json.dumps(row) for row in rows).encode())
    return name


@pytest.mark.parametrize(
    ("kind", "channels", "framework"), [(Lstm, 0, "torch"), (Rnn, 2, "torch"), (Lstm, 2, "tensorflow")]
)
def test_sequences_are_learned_scored_and_answered(
    run_step: RunStep, store: Store, kind: type[Lstm | Rnn], channels: int, framework: str
) -> None:
    rows = make_waves(channels=channels)
    name = write(store, rows)
    ran = run_step(kind(), {"train": name}, params=SMALL, framework=framework)
    assert ran.result.metrics["valid_accuracy"] == 1.0
    store.commit_folder(ran.context.output("model"), "models/1")
    run_step(Score(), {"data": name}, models={"model": "models/1"}, target="scores")
    said = pd.read_parquet(store.local_path("scores"))
    assert list(said.columns) == ["label", "prediction", "probabilities"]
    assert (said["prediction"] == said["label"]).mean() > 0.95

    predictor = load_predictor(ran.context.output("model"))
    wave = rows[1]["wave"]
    shape = [1, *np.shape(wave)]
    body = {"inputs": [{"name": "sequence", "shape": shape, "datatype": "FP32", "data": np.ravel(wave).tolist()}]}
    request = read_request(json.dumps(body).encode(), predictor.card)
    answer = json.loads(write_response("waves", "1", request, predictor.predict(request.columns)))
    assert answer["outputs"][0]["data"] == [said["prediction"][1]]
    assert answer["outputs"][1]["data"] == pytest.approx(said["probabilities"][1].tolist(), abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"wave": [1, 2], "label": "a"}, {"wave": [], "label": "b"}], "column wave, row 1: the sequence is empty"),
        ([{"wave": [1, 2], "label": "a"}, {"wave": None, "label": "b"}], "column wave, row 1: a value is missing"),
        ([{"wave": 1, "label": "a"}], "column wave is of type int64, which is no sequence; a sequence is a list"),
        ([{"wave": ["x"], "label": "a"}], "column wave holds string, numbers were expected"),
        ([{"wave": [1], "label": "a"}, {"wave": [2], "label": "a"}], "all sequences are of one class, a; give it two"),
        (
            [{"wave": [[1, 2]], "label": "a"}, {"wave": [[1], [2]], "label": "b"}],
            r"column wave, row 1: a step is \[1\], those before are \[2\]",
        ),
    ],
)
def test_what_is_no_labelled_sequence_is_said(
    run_step: RunStep, store: Store, rows: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(BadData, match=message):
        run_step(Lstm(), {"train": write(store, rows)}, params=SMALL, framework="torch")


def test_a_share_of_bad_sequences_is_left_out_and_said(run_step: RunStep, store: Store) -> None:
    rows = make_waves()
    rows[7]["wave"] = []
    ran = run_step(Lstm(), {"train": write(store, rows)}, params=SMALL | {"epochs": 1}, framework="torch", bad_rows=0.1)
    assert ran.result.metrics["bad_rows"] == 1


def test_a_valid_of_other_channels_is_refused(run_step: RunStep, store: Store) -> None:
    inputs = {"train": write(store, make_waves()), "valid": write(store, make_waves(channels=2), "other.jsonl")}
    with pytest.raises(BadData, match=r"its steps are \[2\], those of the training data are \[\]"):
        run_step(Lstm(), inputs, params=SMALL, framework="torch")
