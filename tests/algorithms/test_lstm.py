"""The LSTM as a step: texts in, a model that bulk prediction and an endpoint ask with texts."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pandas as pd
import pytest

from dix.algorithms.lstm import Lstm
from dix.algorithms.score import Score
from dix.errors import BadData
from dix.frameworks.lookup import load_predictor
from dix.serve.answerer import Answerer
from dix.serve.protocol import read_request, write_response
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 6, "hidden": 8, "embedding": 8, "learning_rate": 0.02, "batch_size": 16, "min_count": 1}
GOOD, BAD = "a fine film 很好 tonight", "a dull film 不好 tonight"


@pytest.fixture
def reviews(store: Store) -> str:
    """Which adjective a text has tells its label; beside it stand words that tell nothing."""
    rows = [{"text": f"{(GOOD, BAD)[i % 2]} number{i % 7}", "label": ("good", "bad")[i % 2]} for i in range(80)]
    store.write_bytes("reviews.csv", pd.DataFrame(rows).to_csv(index=False).encode())
    return "reviews.csv"


def train(
    run_step: RunStep, inputs: dict[str, str], bad_rows: float = 0.0, framework: str = "torch", **params: Any
) -> Ran:
    return run_step(Lstm(), inputs, params=SMALL | params, framework=framework, bad_rows=bad_rows)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_texts_are_learned_scored_and_answered(run_step: RunStep, store: Store, reviews: str, framework: str) -> None:
    ran = train(run_step, {"train": reviews}, framework=framework)
    assert ran.result.metrics["valid_accuracy"] == 1.0
    assert (ran.result.metrics["examples"], ran.result.metrics["classes"]) == (72, 2)
    store.commit_folder(ran.context.output("model"), "models/1")
    scored = run_step(Score(), {"data": reviews}, models={"model": "models/1"}, target="scores")
    assert scored.result.metrics["rows"] == 80
    rows = pd.read_parquet(store.local_path("scores"))
    assert list(rows.columns) == ["text", "label", "prediction", "probabilities"]
    assert list(rows["prediction"]) == list(rows["label"])

    predictor = load_predictor(ran.context.output("model"))
    body = {"inputs": [{"name": "text", "shape": [3], "datatype": "BYTES", "data": [GOOD, "dull", ""]}]}
    request = read_request(json.dumps(body).encode(), predictor.card)
    answerer = Answerer(predictor)
    answerer.warm_up()
    answers = asyncio.run(answerer.answer(request.columns, request.rows))
    answerer.close()
    response = json.loads(write_response("reviews", "1", request, answers))
    assert response["outputs"][0]["data"][:2] == ["good", "bad"]
    assert response["outputs"][1]["shape"] == [3, 2]


def test_files_in_class_folders_are_texts(run_step: RunStep, store: Store) -> None:
    for i in range(20):
        store.write_bytes(f"films/{('good', 'bad')[i % 2]}/{i}.txt", (GOOD, BAD)[i % 2].encode())
    ran = train(run_step, {"train": "films", "valid": "films"})
    assert (ran.result.metrics["examples"], ran.result.metrics["valid_accuracy"]) == (20, 1.0)
    store.commit_folder(ran.context.output("model"), "models/1")
    run_step(Score(), {"data": "films"}, models={"model": "models/1"}, params={"batch_size": 3}, target="scores")
    rows = pd.read_parquet(store.local_path("scores"))
    assert list(rows["prediction"]) == list(rows["label"])
    assert rows["path"][0] == "bad/1.txt"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_the_same_seed_gives_the_same_metrics(run_step: RunStep, reviews: str, framework: str) -> None:
    params = {"epochs": 2, "pooling": "mean", "layers": 2, "class_weights": "balanced", "framework": framework}
    first, second = (train(run_step, {"train": reviews}, **params) for _ in range(2))
    assert [row["valid_loss"] for row in first.rows] == [row["valid_loss"] for row in second.rows]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"t.csv": "text,label\nfine,a\n,b\n"}, r"t\.csv: column text, row 1: the text is blank"),
        ({"t.jsonl": '{"text": null, "label": "a"}'}, r"t\.jsonl: column text, row 0: a value is missing"),
        ({"t.csv": "text,label\nfine,a\nwell,\n"}, r"t\.csv: column label has no label in row 1"),
        ({"t.csv": "words,label\nfine,a\n"}, r"t\.csv: there is no column text; its columns are words, label"),
        ({"t.csv": "text,label\nfine,a\n"}, "all texts are of one class, a; give it two or more"),
        ({"t.csv": "text,label\n!,a\n?,b\n"}, "no word comes 1 times; set a smaller min_count"),
        ({"a/1.txt": "fine", "b/2.txt": b"caf\xe9"}, r"b/2\.txt: byte 3 is not UTF-8; save the file as UTF-8"),
        ({"a/1.txt": "fine", "b/2.txt": " \n"}, r"b/2\.txt: the file holds no text"),
        ({"a/1.txt": "fine", "2.txt": "well"}, r"2\.txt lies in no class folder; put each text into a folder"),
        ({"a/1.npy": "\x93NUMPY"}, "texts cannot be read from"),
    ],
)
def test_what_is_no_labelled_text_is_said(
    run_step: RunStep, store: Store, files: dict[str, str | bytes], message: str
) -> None:
    for name, content in files.items():
        store.write_bytes(f"in/{name}", content if isinstance(content, bytes) else content.encode("latin-1"))
    with pytest.raises(BadData, match=message):
        train(run_step, {"train": "in"})


def test_a_share_of_bad_texts_is_left_out_and_said(run_step: RunStep, store: Store, reviews: str) -> None:
    text = store.read_bytes(reviews) + b",good\nfine,\n"
    store.write_bytes("with_gaps.csv", text)
    assert train(run_step, {"train": "with_gaps.csv"}, bad_rows=0.1, epochs=1).result.metrics["bad_rows"] == 2


def test_a_valid_with_another_class_is_refused(run_step: RunStep, store: Store, reviews: str) -> None:
    store.write_bytes("other.csv", b"text,label\nfine,odd\n")
    with pytest.raises(BadData, match="it has the class odd, which the training data does not have"):
        train(run_step, {"train": reviews, "valid": "other.csv"})


def test_what_holds_no_texts_is_not_scored(run_step: RunStep, store: Store, reviews: str) -> None:
    store.commit_folder(train(run_step, {"train": reviews}, epochs=1).context.output("model"), "models/1")
    store.write_bytes("broken/a.csv", b"text\nfine\n3\n")
    store.write_bytes("broken/b.jsonl", b'{"text": [1, 2]}')
    with pytest.raises(BadData, match="it is mixed"):
        run_step(Score(), {"data": "broken"}, models={"model": "models/1"})
    with pytest.raises(BadData, match=r"b\.jsonl: column text, row 0: it holds list<item: int64>, a text was expected"):
        run_step(Score(), {"data": "broken/b.jsonl"}, models={"model": "models/1"})
