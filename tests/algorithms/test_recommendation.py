"""The recommendation as a step: what it reads, keeps aside, judges and answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dix.algorithms.recommendation import Recommendation
from dix.algorithms.score import Score
from dix.errors import BadData, BadValue
from dix.frameworks.foreign import check_foreign
from dix.frameworks.lookup import load_predictor
from dix.serve.protocol import read_request, write_response
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 15, "batch_size": 64, "learning_rate": 0.02, "size": 8, "k": 3}


def make_events(count: int = 60) -> pd.DataFrame:
    """Half of the users have 8 of the items a0 to a11, in some order, half of those of b; and all have the item x."""
    chance = np.random.default_rng(0)
    rows = []
    for user in range(count):
        kind = "ab"[user % 2]
        rows += [(user, f"{kind}{item}", time) for time, item in enumerate(chance.permutation(12)[:8])]
        rows.append((user, "x", -1))
    return pd.DataFrame(rows, columns=["user", "item", "time"]).sample(frac=1, random_state=0)


def put(store: Store, rows: pd.DataFrame, uri: str = "events.csv") -> str:
    store.write_bytes(uri, rows.to_csv(index=False).encode())
    return uri


def train(run_step: RunStep, inputs: dict[str, str], **params: Any) -> Ran:
    return run_step(Recommendation(), inputs, params=SMALL | params, framework="torch")


@pytest.mark.parametrize("params", [{}, {"time_column": "time"}, {"hidden": [16, 8]}, {"negatives": 8}])
def test_tastes_are_told_apart_better_than_by_what_is_popular(
    run_step: RunStep, store: Store, params: dict[str, Any]
) -> None:
    events = make_events()
    ran = train(run_step, {"train": put(store, events)}, **params)
    metrics = ran.result.metrics
    assert (metrics["users"], metrics["items"], metrics["examples"]) == (60, 25, 60 * 8)
    assert metrics["recall_at_3"] > metrics["popular_recall_at_3"] + 0.1
    assert metrics["ndcg_at_3"] <= metrics["recall_at_3"]
    predictor = load_predictor(ran.context.output("model"))
    assert predictor.card.metrics["recall_at_3"] == metrics["recall_at_3"]
    had = events.groupby("user")["item"].agg(set)
    said = predictor.predict({"user": np.array([str(user) for user in range(60)], object)})
    # What was kept aside counts as had: exactly four items of a user's kind are left.
    assert not any(had[user] & set(items) for user, items in enumerate(said["items"]))
    of_kind = np.mean([item[0] == "ab"[user % 2] for user, items in enumerate(said["items"]) for item in items])
    assert of_kind > 0.9
    check_foreign(ran.context.output("model"))


def test_the_last_item_is_kept_aside_and_repeats_count_once(run_step: RunStep, store: Store) -> None:
    events = make_events()
    twice = pd.concat([events, events])
    first = train(run_step, {"train": put(store, events)}, time_column="time").result.metrics
    second = train(run_step, {"train": put(store, twice)}, time_column="time").result.metrics
    assert {**first, "train_seconds": 0} == {**second, "train_seconds": 0}


def test_a_connected_valid_is_what_is_to_be_found(run_step: RunStep, store: Store) -> None:
    events = make_events()
    is_late = events["time"] >= 6
    put(store, pd.concat([events[is_late], events[:5].assign(user="new")]), "late.csv")
    ran = train(run_step, {"train": put(store, events[~is_late]), "valid": "late.csv"})
    assert ran.result.metrics["examples"] == 60 * 7
    assert ran.result.metrics["recall_at_3"] > ran.result.metrics["popular_recall_at_3"]


def test_bulk_and_requests_answer_alike_and_strangers_get_what_is_popular(run_step: RunStep, store: Store) -> None:
    trained = train(run_step, {"train": put(store, make_events().rename(columns={"user": "who"}))}, user_column="who")
    store.commit_folder(trained.context.output("model"), "models/1")
    put(store, pd.DataFrame({"who": ["7", "stranger"], "town": ["a", "b"]}), "asked.csv")
    run_step(Score(), {"data": "asked.csv"}, models={"model": "models/1"}, target="scores")
    scores = pq.read_table(store.local_path("scores")).to_pandas()
    assert list(scores.columns) == ["who", "town", "prediction", "scores"]
    assert scores["prediction"][1][0] == "x"
    predictor = load_predictor(trained.context.output("model"))
    body = {"inputs": [{"name": "user", "datatype": "BYTES", "shape": [2], "data": ["7", "stranger"]}]}
    request = read_request(json.dumps(body).encode(), predictor.card)
    answers = json.loads(write_response("m", "1", request, predictor.predict(request.columns)))["outputs"]
    assert [one["shape"] for one in answers] == [[2, 3], [2, 3]]
    assert answers[0]["data"] == np.concatenate(scores["prediction"].to_list()).tolist()
    assert answers[1]["data"] == pytest.approx(np.concatenate(scores["scores"].to_list()), abs=1e-6)


def test_who_has_had_nearly_all_is_answered_with_what_is_left(run_step: RunStep, store: Store) -> None:
    events = make_events()
    items = sorted(events["item"].unique())[1:]
    greedy = pd.DataFrame({"user": "greedy", "item": items, "time": 0})
    ran = train(run_step, {"train": put(store, pd.concat([events, greedy]))}, epochs=1)
    said = load_predictor(ran.context.output("model")).predict({"user": np.array(["greedy"], object)})
    assert said["items"].tolist() == [["a0", "", ""]]
    assert said["scores"][0, 1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "params", "message"),
    [
        ({}, {"item_column": "itemm"}, "there is no column itemm; did you mean item\\?"),
        ({"user": None}, {}, "column user, row 0: a value is missing"),
        ({"item": "x"}, {}, "it has 1 items, fewer than k needs, 4"),
        ({}, {"least_rating": 3}, "rating_column: expected the column that least_rating is about"),
        ({}, {"least_rating": 99, "rating_column": "time"}, "there are no events; set a lower least_rating"),
        ({"time": "noon"}, {"time_column": "time"}, "column time, row 0: it holds string, a number was expected"),
    ],
)
def test_wrong_data_is_one_sentence(
    run_step: RunStep, store: Store, change: dict[str, Any], params: dict[str, Any], message: str
) -> None:
    with pytest.raises((BadData, BadValue), match=message):
        train(run_step, {"train": put(store, make_events().assign(**change))}, **params)
