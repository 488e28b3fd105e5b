"""The convolutional net as a step: what it reads, refuses and leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dix.algorithms.cnn import Cnn
from dix.algorithms.score import Score
from dix.errors import BadData
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 2, "channels": [4], "hidden": 8}


@pytest.fixture
def write_images(store: Store) -> Callable[..., None]:
    """Noise as PNG files: `classes` maps a name to a count."""

    def write(uri: str, classes: dict[str, int], size: tuple[int, ...] = (6, 6)) -> None:
        chance = np.random.default_rng(0)
        for name, count in classes.items():
            folder = Path(store.local_path(uri) or "") / name
            folder.mkdir(parents=True)
            for number in range(count):
                Image.fromarray(chance.integers(0, 255, size, dtype=np.uint8)).save(folder / f"{number}.png")

    return write


def train(run_step: RunStep, inputs: dict[str, str], **params: Any) -> Ran:
    return run_step(Cnn(), inputs, params=SMALL | params, framework="torch")


def test_a_model_and_the_history_are_left(run_step: RunStep, write_images: Callable[..., None]) -> None:
    write_images("set", {"猫": 20, "dog": 20})
    ran = train(run_step, {"train": "set"})
    assert load_predictor(ran.context.output("model")).card.labels == ("dog", "猫")
    history = json.loads((ran.context.output("metrics") / "metrics.json").read_text())
    assert [row["epoch"] for row in history["epochs"]] == [1, 2]
    assert [row["progress"] for row in ran.rows] == [0.5, 1.0]
    assert ran.result.metrics["examples"] == 36
    assert ran.result.metrics["classes"] == 2
    assert history["final"]["valid_loss"] == ran.result.metrics["valid_loss"]


def test_a_connected_valid_is_used_whole(run_step: RunStep, write_images: Callable[..., None]) -> None:
    write_images("set", {"a": 10, "b": 10})
    write_images("other", {"a": 5, "b": 5})
    assert train(run_step, {"train": "set", "valid": "other"}).result.metrics["examples"] == 20


def test_without_validation_there_is_none(run_step: RunStep, write_images: Callable[..., None]) -> None:
    write_images("set", {"a": 4, "b": 4})
    assert "valid_loss" not in train(run_step, {"train": "set"}, validation_split=0).result.metrics


def test_sizes_are_brought_together_where_asked(run_step: RunStep, write_images: Callable[..., None]) -> None:
    write_images("set", {"a": 4}, (6, 6))
    write_images("set", {"b": 4}, (9, 12, 3))
    with pytest.raises(BadData, match="set image_size"):
        train(run_step, {"train": "set"})
    ran = train(run_step, {"train": "set"}, image_size=[5, 7])
    card = load_predictor(ran.context.output("model")).card
    assert (card.net["height"], card.net["width"], card.preprocessing["resize"]) == (5, 7, [5, 7])


@pytest.mark.parametrize(
    ("valid", "size", "message"),
    [
        ({"a": 2, "c": 2}, (6, 6), "it has the class c, which the training data does not have"),
        ({"a": 2, "b": 2}, (7, 6), r"its images have shape \[7, 6\], those of the training data \[6, 6\]"),
    ],
)
def test_a_valid_that_does_not_fit_is_refused(
    run_step: RunStep,
    write_images: Callable[..., None],
    valid: dict[str, int],
    size: tuple[int, int],
    message: str,
) -> None:
    write_images("set", {"a": 4, "b": 4})
    write_images("other", valid, size)
    with pytest.raises(BadData, match=message):
        train(run_step, {"train": "set", "valid": "other"})


def test_a_valid_of_other_numbers_is_refused(
    run_step: RunStep, store: Store, write_images: Callable[..., None]
) -> None:
    write_images("set", {"a": 4, "b": 4})
    rows = [{"image": (np.ones((6, 6)) / 2).tolist(), "label": label} for label in "ab"]
    store.write_bytes("other.jsonl", "\n".join(json.dumps(row) for row in rows).encode())
    with pytest.raises(BadData, match="its images hold numbers that are not whole"):
        train(run_step, {"train": "set", "valid": "other.jsonl"})


def test_one_class_is_refused(run_step: RunStep, write_images: Callable[..., None]) -> None:
    write_images("set", {"a": 4})
    with pytest.raises(BadData, match="all images are of one class, a; give it two or more"):
        train(run_step, {"train": "set"})


def test_on_caffe_the_same_flow_leaves_the_same_answers(
    run_step: RunStep, write_images: Callable[..., None], store: Store
) -> None:
    write_images("set", {"猫": 20, "dog": 20}, (6, 6, 3))
    ran = run_step(Cnn(), {"train": "set"}, params=SMALL | {"image_size": [5, 7]}, framework="caffe")
    model = ran.context.output("model")
    predictor = load_predictor(model)
    assert (predictor.card.framework, predictor.card.labels) == ("caffe", ("dog", "猫"))
    assert {"valid_loss", "valid_accuracy", "loss", "accuracy"} <= ran.result.metrics.keys()
    assert {"deploy.prototxt", "train_val.prototxt", "solver.prototxt"} <= {path.name for path in model.iterdir()}
    store.put(model, "model")
    score = run_step(Score(), {"data": "set"}, models={"model": "model"}, target=store.resolve("scored"))
    assert score.result.metrics["rows"] == 40
    [part] = Path(store.local_path("scored") or "").glob("*.parquet")
    rows = pq.read_table(part).to_pylist()
    pixels = np.asarray(Image.open(Path(store.local_path("set") or "") / rows[0]["path"]))
    answer = predictor.predict({"image": pixels[None]})
    assert rows[0]["prediction"] == answer["label"][0]
    np.testing.assert_allclose(rows[0]["probabilities"], answer["probabilities"][0], rtol=1e-5)


def test_a_share_of_bad_images_is_left_out_and_said(
    run_step: RunStep, write_images: Callable[..., None], store: Store
) -> None:
    write_images("set", {"a": 20, "b": 20})
    store.write_bytes("set/a/broken.png", b"no picture")
    ran = run_step(Cnn(), {"train": "set"}, params=SMALL, framework="torch", bad_rows=0.2)
    assert ran.result.metrics["bad_rows"] == 1
    with pytest.raises(BadData, match=r"broken\.png: the file should be images|broken\.png: the file is not an image"):
        run_step(Cnn(), {"train": "set"}, params=SMALL, framework="torch")
