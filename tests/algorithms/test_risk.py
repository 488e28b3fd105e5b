"""Risk control as a step: what it reads, refuses, leaves and answers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dix.algorithms.detection import judge_detection
from dix.algorithms.risk import Risk
from dix.algorithms.score import Score
from dix.errors import BadData, BadValue
from dix.frameworks.lookup import load_predictor
from dix.serve.answerer import Answerer
from dix.serve.protocol import read_request, write_response
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 3, "batch_size": 64, "width": 8, "blocks": 1}


def make_rows(count: int = 400) -> pd.DataFrame:
    """A fifth are risks: those of one job, and some with an amount that is large, or missing."""
    chance = np.random.default_rng(0)
    amount = chance.lognormal(3, 1, count)
    job = chance.choice(["cook", "律师", "pilot"], count, p=[0.5, 0.4, 0.1])
    is_risk = (job == "pilot") | (amount > 60)
    amount[chance.random(count) < 0.1] = np.nan
    return pd.DataFrame({"id": range(count), "amount": amount, "job": job, "old": is_risk, "label": is_risk * 1})


def put(store: Store, rows: pd.DataFrame, uri: str = "rows.csv") -> str:
    store.write_bytes(uri, rows.to_csv(index=False).encode())
    return uri


def train(run_step: RunStep, inputs: dict[str, str], **params: Any) -> Ran:
    return run_step(Risk(), inputs, params=SMALL | {"ignore": ["id", "old"]} | params, framework="torch")


def test_the_saved_model_is_judged_and_says_so_in_its_card(run_step: RunStep, store: Store) -> None:
    rows = make_rows()
    ran = train(run_step, {"train": put(store, rows), "valid": put(store, rows, "other.csv")}, epochs=20, fpr=0.1)
    predictor = load_predictor(ran.context.output("model"))
    columns = {"amount": rows["amount"].to_numpy(), "job": rows["job"].to_numpy(object)}
    said = predictor.predict(columns)["probabilities"][:, 1].astype(np.float64)
    by_hand = judge_detection(rows["label"].to_numpy() == 1, said, 0.1)
    assert {name: predictor.card.metrics[name] for name in by_hand} == by_hand
    assert by_hand["auc"] > 0.9
    assert by_hand["threshold_fpr"] <= 0.1
    assert ran.result.metrics["positive"] == "1"  # the rarer one
    history = json.loads((ran.context.output("metrics") / "metrics.json").read_text())
    assert history["final"]["ks"] == by_hand["ks"]
    assert [row["epoch"] for row in history["epochs"]] == [*range(1, len(ran.rows) + 1)]


def test_the_same_seed_gives_the_same_numbers(run_step: RunStep, store: Store) -> None:
    uri = put(store, make_rows())
    first, second = (train(run_step, {"train": uri}).result.metrics for _ in range(2))
    assert {**first, "train_seconds": 0} == {**second, "train_seconds": 0}


def test_bulk_and_requests_answer_alike_with_gaps_and_unknown_categories(run_step: RunStep, store: Store) -> None:
    trained = train(run_step, {"train": put(store, make_rows())})
    store.commit_folder(trained.context.output("model"), "models/1")
    asked = pd.DataFrame({"job": ["cook", None, "baker"], "amount": [1.5, np.nan, 1e9], "name": ["a", "b", "c"]})
    put(store, asked, "asked.csv")
    run_step(Score(), {"data": "asked.csv"}, models={"model": "models/1"}, target="scores")
    scores = pq.read_table(store.local_path("scores")).to_pandas()
    assert list(scores.columns) == ["job", "amount", "name", "prediction", "probabilities"]
    body = {
        "inputs": [
            {"name": "job", "datatype": "BYTES", "shape": [3], "data": ["cook", None, "baker"]},
            {"name": "amount", "datatype": "FP64", "shape": [3], "data": [1.5, None, 1e9]},
        ]
    }
    predictor = load_predictor(trained.context.output("model"))
    request = read_request(json.dumps(body).encode(), predictor.card)
    answerer = Answerer(predictor)
    answerer.warm_up()
    answers = asyncio.run(answerer.answer(request.columns, request.rows))
    answerer.close()
    outputs = {one["name"]: one["data"] for one in json.loads(write_response("m", "1", request, answers))["outputs"]}
    assert outputs["label"] == scores["prediction"].tolist()
    assert outputs["probabilities"] == pytest.approx(np.concatenate(scores["probabilities"].to_list()), abs=1e-6)


def test_a_gap_where_the_training_had_none_is_refused(run_step: RunStep, store: Store) -> None:
    rows = make_rows()
    trained = train(run_step, {"train": put(store, rows.fillna({"amount": 1.0}))})
    store.commit_folder(trained.context.output("model"), "models/1")
    put(store, rows, "gaps.csv")
    row = int(np.flatnonzero(rows["amount"].isna())[0])
    with pytest.raises(BadData, match=rf"gaps\.csv: column amount, row {row}: a value is missing"):
        run_step(Score(), {"data": "gaps.csv"}, models={"model": "models/1"})
    with pytest.raises(
        BadValue, match="amount: expected a number in each row, as in the training, got 'none in row 1'"
    ):
        load_predictor(trained.context.output("model")).predict(
            {"amount": np.array([1.0, np.nan]), "job": np.array(["cook", "cook"], object)}
        )


def test_more_classes_than_two_are_told_apart(run_step: RunStep, store: Store) -> None:
    rows = make_rows().assign(label=lambda rows: rows["job"])
    ran = train(run_step, {"train": put(store, rows)}, epochs=8)
    assert ran.result.metrics["roc_auc"] > 0.95
    assert "ks" not in ran.result.metrics
    assert train(run_step, {"train": "rows.csv"}, positive="pilot").result.metrics["positive"] == "pilot"


@pytest.mark.parametrize(
    ("change", "params", "message"),
    [
        ({}, {"label_column": "lable"}, "there is no column lable; did you mean label?"),
        ({}, {"ignore": ["idd"]}, "there is no column idd; did you mean id?"),
        ({}, {"positive": "yes"}, "positive: expected one of the classes 0, 1, got 'yes'"),
        ({"label": 1}, {}, "all rows are of one class, 1; give it two or more"),
        ({"label": [None, *[1.0] * 399]}, {}, "column label has no label in row 0"),
        ({"amount": None}, {}, "column amount has no values at all; name it in ignore"),
        ({"amount": [*[1.0] * 7, np.inf, *[1.0] * 392]}, {}, "column amount, row 7: a value is infinite"),
        ({"job": pd.Timestamp("2026-01-01")}, {}, r"column job is of type .*, which is neither a number nor a text"),
        ({}, {"columns": ["label"]}, "beside label there is no column to learn from"),
    ],
)
def test_wrong_data_is_one_sentence(
    run_step: RunStep, store: Store, change: dict[str, Any], params: dict[str, Any], message: str
) -> None:
    uri = put(store, make_rows().assign(**change))
    with pytest.raises((BadData, BadValue), match=message):
        train(run_step, {"train": uri}, **params)


def test_a_text_among_numbers_is_named_unless_they_are_categories(run_step: RunStep, store: Store) -> None:
    rows = make_rows()
    rows["amount"] = rows["amount"].astype(object)
    rows.loc[7, "amount"] = "many"
    uri = put(store, rows)
    with pytest.raises(BadData, match="column amount holds numbers, but 'many' in row 7; mend it, or name the column"):
        train(run_step, {"train": uri})
    assert train(run_step, {"train": uri}, categories=["amount"]).result.metrics["classes"] == 2


def test_a_share_of_bad_rows_is_left_out_and_said(run_step: RunStep, store: Store) -> None:
    rows = make_rows().astype({"label": object})
    rows.loc[[3, 200], "label"] = None
    uri = put(store, rows)
    ran = run_step(Risk(), {"train": uri}, params=SMALL | {"ignore": ["id", "old"]}, framework="torch", bad_rows=0.01)
    assert ran.result.metrics["bad_rows"] == 2


def test_a_model_of_another_vocabulary_than_its_weights_is_refused(run_step: RunStep, store: Store) -> None:
    from dix.errors import BadModel
    from dix.frameworks.card import read_card, write_card

    folder = train(run_step, {"train": put(store, make_rows())}).context.output("model")
    card = read_card(folder)
    preprocessing = card.preprocessing | {"categories": [{"name": "job", "values": ["cook"]}]}
    write_card(folder, replace(card, preprocessing=preprocessing))
    with pytest.raises(BadModel, match=r"embeddings\.0\.weight has shape"):
        load_predictor(folder)
