"""The example of forecasting is better than what was a week ago, and than a linear model on the same windows."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.linear_model import Ridge

from dix.records.states import RunState
from tests.engine.conftest import Workshop

FOLDER = Path(__file__).parents[2] / "examples" / "forecast"
FLOW = (FOLDER / "flow.yaml").read_text()
HISTORY, HORIZON = 168, 24


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_it_forecasts_as_well_as_another_implementation(workshop: Workshop, framework: str) -> None:
    script = runpy.run_path(str(FOLDER / "make_load.py"))
    rows = script["make_load"](days=71, towns=2)
    load, now = script["cut_off_last_day"](rows)
    workshop.store.write_bytes("load/load.csv", load.to_csv(index=False).encode())
    workshop.store.write_bytes("load/now.csv", now.to_csv(index=False).encode())
    flow = FLOW.replace("epochs: 15", "epochs: 12").replace("stride: 2", "stride: 6")
    run = workshop.do(flow.replace("framework: torch", f"framework: {framework}"))
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED, {name: step.error for name, step in steps.items()}
    metrics = steps["learn"].metrics
    linear, naive = compare(load)
    assert metrics["naive_mae"] == pytest.approx(naive, rel=1e-4)
    assert metrics["valid_mae"] < linear
    assert metrics["skill"] > 0.3

    said = pq.read_table(workshop.store.local_path(steps["tomorrow"].outputs["data"])).to_pandas()
    truth = rows[rows["time"] >= now.loc[now["load"].isna(), "time"].min()]
    assert list(said["time"]) == list(truth["time"])
    assert list(said["town"]) == list(truth["town"])
    mean_error = np.abs(said["prediction"].to_numpy() - truth["load"].to_numpy()).mean()
    assert mean_error < metrics["naive_mae"]


def compare(rows: pd.DataFrame, stride: int = 6, share: float = 0.15) -> tuple[float, float]:
    """The mean errors of a linear model, given the same columns, and of what was a week ago, on each last part."""
    train, valid = [], []
    for _, town in rows.groupby("town"):
        load, known = town["load"].to_numpy(), town[["temperature", "holiday"]].to_numpy()
        first = len(load) - round(len(load) * share)
        for start in range(0, first - HISTORY - HORIZON + 1, stride):
            train += [cut(load, known, start)]
        for start in range(first - HISTORY, len(load) - HISTORY - HORIZON + 1, stride):
            valid += [cut(load, known, start)]
    x, y, _, _ = (np.array(part) for part in zip(*train, strict=True))
    model = Ridge(alpha=1.0).fit(x, y)
    x, y, scale, naive = (np.array(part) for part in zip(*valid, strict=True))
    said = model.predict(x)
    return tuple(float((np.abs(one - y) * scale[:, None]).mean()) for one in (said, naive))


def cut(load: np.ndarray, known: np.ndarray, start: int) -> tuple[np.ndarray, ...]:
    """One window at its own mean and spread: what a linear model is given, what came, the spread, the week ago."""
    window, ahead = load[start : start + HISTORY], load[start + HISTORY : start + HISTORY + HORIZON]
    mean, spread = window.mean(), window.std()
    of_ahead = known[start + HISTORY : start + HISTORY + HORIZON].ravel()
    of_week_ago = known[start : start + HORIZON].ravel()
    scaled = (window - mean) / spread
    return np.concatenate([scaled, of_ahead, of_week_ago]), (ahead - mean) / spread, spread, scaled[:HORIZON]
