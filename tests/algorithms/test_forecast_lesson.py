"""Forecasts as a step: judged by the last part of the time, beside what was a season ago."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dix.algorithms.lstm import Lstm
from dix.algorithms.rnn import Rnn
from dix.errors import BadData, BadValue
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {
    "task": "forecast", "epochs": 5, "hidden": 8, "learning_rate": 0.01, "history": 24, "horizon": 6, "season": 12,
    "series_column": "town", "known_columns": ["heat"], "validation_split": 0.2,
}  # fmt: skip


def make_waves(steps: int = 200, towns: tuple[str, ...] = ("a", "b")) -> pd.DataFrame:
    """A season of twelve steps and what the heat of the step does to it, with a little noise; generated."""
    chance = np.random.default_rng(0)
    frames = []
    for place, town in enumerate(towns):
        heat = chance.normal(size=steps).round(3)
        value = (place + 1) * (10 + 3 * np.sin(np.arange(steps) * 2 * np.pi / 12) + 2 * heat)
        value += chance.normal(0, 0.1, steps)
        time = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(steps), "h")
        frames.append(pd.DataFrame({"time": time, "town": town, "value": value, "heat": heat}))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture
def waves(store: Store) -> str:
    store.write_bytes("waves.csv", make_waves().to_csv(index=False).encode())
    return "waves.csv"


def train(run_step: RunStep, inputs: dict[str, str], framework: str = "torch", **params: Any) -> Ran:
    return run_step(Lstm(), inputs, params=SMALL | params, framework=framework)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_it_is_better_than_what_was_a_season_ago(run_step: RunStep, waves: str, framework: str) -> None:
    ran = train(run_step, {"train": waves}, framework, epochs=15)
    metrics = ran.result.metrics
    assert metrics["skill"] > 0.6
    assert metrics["skill"] == pytest.approx(1 - metrics["valid_mae"] / metrics["naive_mae"])
    assert metrics["valid_rmse"] < metrics["naive_rmse"]
    history = json.loads((ran.context.output("metrics") / "metrics.json").read_text())
    assert history["final"]["skill"] == metrics["skill"]
    card = load_predictor(ran.context.output("model")).card
    assert [spec.shape for spec in card.inputs] == [(-1, 24, 2), (-1, 6, 1)]
    assert card.metrics["naive_mae"] == metrics["naive_mae"]


def test_it_is_judged_by_the_last_part_of_the_time(run_step: RunStep, store: Store) -> None:
    rows = make_waves(towns=("a",))
    rows.loc[160:, "value"] += 1000  # a level that what is learned from never has
    store.write_bytes("jump.csv", rows.to_csv(index=False).encode())
    metrics = train(run_step, {"train": "jump.csv"}, epochs=1).result.metrics
    assert metrics["examples"] == 160 - 30 + 1
    values = rows["value"].to_numpy()
    ahead = [values[i : i + 6] for i in range(160, 195)]
    naive = [values[i - 12 : i - 6] for i in range(160, 195)]
    assert metrics["naive_mae"] == pytest.approx(np.abs(np.subtract(ahead, naive)).mean(), rel=1e-5)


def test_a_connected_valid_is_used_whole(run_step: RunStep, store: Store, waves: str) -> None:
    store.write_bytes("other.csv", make_waves(40).to_csv(index=False).encode())
    metrics = train(run_step, {"train": waves, "valid": "other.csv"}, epochs=1).result.metrics
    assert metrics["examples"] == 2 * (200 - 30 + 1)
    assert "skill" in metrics


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_several_values_are_forecast_together_and_the_seed_decides(
    run_step: RunStep, waves: str, framework: str
) -> None:
    params = SMALL | {"value_column": ["value", "heat"], "known_columns": [], "epochs": 1, "validation_split": 0}
    first, second = (run_step(Rnn(), {"train": waves}, params=params, framework=framework) for _ in range(2))
    assert first.result.metrics["loss"] == second.result.metrics["loss"]
    assert "skill" not in first.result.metrics
    predictor = load_predictor(first.context.output("model"))
    said = predictor.predict({"history": np.ones((2, 24, 2), np.float32)})["forecast"]
    assert said.shape == (2, 12)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"history": 200}, BadData, "series a has 200 steps, and history, horizon and what is kept aside take 246"),
        ({"season": 25}, BadValue, "season: expected at most the history, 24, got 25; let the history hold"),
        ({"past_columns": ["heat"]}, BadValue, "columns: expected each column for one purpose, got 'heat twice'"),
        ({"value_column": "load"}, BadData, r"waves\.csv: there is no column load; its columns are time, town"),
        ({"history": 100, "stride": 1, "epochs": 1, "memory": 1 << 16}, BadData, "set a larger stride, or give"),
    ],
)
def test_what_cannot_be_forecast_is_said(
    run_step: RunStep, waves: str, params: dict[str, Any], error: type[Exception], message: str
) -> None:
    given = {name: value for name, value in params.items() if name != "memory"}
    options = {"memory_bytes": params["memory"]} if "memory" in params else {}
    with pytest.raises(error, match=message):
        run_step(Lstm(), {"train": waves}, params=SMALL | given, framework="torch", **options)
