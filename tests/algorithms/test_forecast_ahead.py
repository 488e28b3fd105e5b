"""A model node with a model that forecasts: a table in the training's layout in, the next steps of each series out."""

from __future__ import annotations

import asyncio
import json

import pandas as pd
import pytest

from dix.algorithms.lstm import Lstm
from dix.algorithms.score import Score
from dix.errors import BadData
from dix.frameworks.lookup import load_predictor
from dix.serve.answerer import Answerer
from dix.serve.protocol import read_request, write_response
from dix.store.store import Store
from tests.algorithms.conftest import RunStep
from tests.algorithms.test_forecast_lesson import SMALL, make_waves


@pytest.fixture
def model(run_step: RunStep, store: Store) -> str:
    store.write_bytes("waves.csv", make_waves().to_csv(index=False).encode())
    ran = run_step(Lstm(), {"train": "waves.csv"}, params=SMALL | {"epochs": 12}, framework="torch")
    store.commit_folder(ran.context.output("model"), "models/1")
    return "models/1"


def write(store: Store, rows: pd.DataFrame) -> None:
    store.write_bytes("now.csv", rows.to_csv(index=False).encode())


def test_each_series_goes_on_by_itself(run_step: RunStep, store: Store, model: str) -> None:
    rows = make_waves(60)
    truth = rows["value"].copy()
    ahead = rows["time"] >= pd.Timestamp("2026-01-03 06:00")  # the last six rows of each
    rows.loc[ahead, "value"] = None
    write(store, rows.sample(frac=1, random_state=0))
    scored = run_step(Score(), {"data": "now.csv"}, models={"model": model}, params={"batch_size": 1}, target="scores")
    assert scored.result.metrics["rows"] == 12
    said = pd.read_parquet(store.local_path("scores"))
    assert list(said.columns) == ["town", "time", "step", "prediction"]
    assert list(said["step"]) == [1, 2, 3, 4, 5, 6] * 2
    assert list(said["time"]) == list(rows.loc[ahead, "time"])
    by_hand = load_predictor(store.local_path(model))
    assert (said["prediction"].to_numpy() - truth[ahead].to_numpy()).std() < 0.6 * truth[ahead].std()

    history = rows.loc[30:53, ["value", "heat"]].to_numpy().tolist()
    known = rows.loc[54:59, ["heat"]].to_numpy().tolist()
    body = {
        "inputs": [
            {"name": "history", "shape": [1, 24, 2], "datatype": "FP32", "data": [history]},
            {"name": "known", "shape": [1, 6, 1], "datatype": "FP32", "data": [known]},
        ]
    }
    request = read_request(json.dumps(body).encode(), by_hand.card)
    answerer = Answerer(by_hand)
    answerer.warm_up()
    answer = json.loads(
        write_response("waves", "1", request, asyncio.run(answerer.answer(request.columns, request.rows)))
    )
    answerer.close()
    assert answer["outputs"][0]["data"] == pytest.approx(said["prediction"][:6].tolist(), rel=1e-4)


def test_what_is_not_known_is_asked_for(run_step: RunStep, store: Store, model: str) -> None:
    write(store, make_waves(60))
    message = "series a has 0 rows after its last value, and heat must be known for the next 6 steps; add rows"
    with pytest.raises(BadData, match=message):
        run_step(Score(), {"data": "now.csv"}, models={"model": model})
    write(store, make_waves(20))
    with pytest.raises(BadData, match="series a has 20 steps with values, the model looks back 24"):
        run_step(Score(), {"data": "now.csv"}, models={"model": model})
