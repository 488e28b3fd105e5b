"""The convolutional net on Caffe learns, stops, repeats itself, goes on, and says what Caffe cannot do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.lookup import load_predictor
from dix.frameworks.training import Examples
from tests.frameworks.conftest import make_stripes, train_model

__all__ = ["train_model"]


class Interrupted(Exception):
    """The power went."""


@pytest.fixture
def train(train_model: Callable[..., Any]) -> Callable[..., Any]:
    return partial(train_model, framework="caffe")


def test_it_learns_and_its_log_has_caffes_lines(train: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    _, card, rows = train(epochs=20, valid=make_stripes(40, seed=1))
    assert card.metrics["valid_accuracy"] > 0.9
    assert (card.framework, card.metrics["device"], card.labels) == ("caffe", "cpu", ("column", "row"))
    assert rows[0].keys() == {"epoch", "progress", "loss", "accuracy", "valid_loss", "valid_accuracy", "learning_rate"}
    assert "Iteration 4 (" in capsys.readouterr().out


def test_names_and_numbers_are_those_of_torch(train: Callable[..., Any], train_model: Callable[..., Any]) -> None:
    options = {"epochs": 4, "schedule": "cosine", "valid": make_stripes(40, seed=1)}
    _, card, rows = train("caffe", **options)
    _, of_torch, others = train_model("torch", **options)
    assert [row.keys() for row in rows] == [row.keys() for row in others]
    assert [row["learning_rate"] for row in rows] == [row["learning_rate"] for row in others]
    assert (card.inputs, card.outputs, card.labels) == (of_torch.inputs, of_torch.outputs, of_torch.labels)
    assert card.metrics.keys() == of_torch.metrics.keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "resnet18", "epochs": 1},
        {"optimizer": "sgd", "schedule": "step", "hidden": 0, "batch_norm": False, "dropout": 0.0},
        {"augment_shift": 1, "augment_flip": True, "class_weights": "balanced"},
    ],
)
def test_the_same_seed_gives_the_same_model(train: Callable[..., Any], changes: dict[str, Any]) -> None:
    first, _, rows = train("first", **changes)
    second, _, again = train("second", **changes)
    assert rows == again
    assert (first / "weights.caffemodel").read_bytes() == (second / "weights.caffemodel").read_bytes()
    assert train("third", seed=1, **changes)[2] != rows


def test_a_step_of_the_rate_is_caffes_own(train: Callable[..., Any]) -> None:
    folder, _, rows = train(epochs=4, schedule="step")
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.01, 0.01, 0.001, 0.0001])
    assert 'lr_policy: "multistep" gamma: 0.1 stepvalue: 8 stepvalue: 12' in (folder / "solver.prototxt").read_text()


def test_it_stops_early_and_goes_back_to_the_best(train: Callable[..., Any]) -> None:
    # Wrong labels to stop by: what is learned makes the validation worse.
    valid = make_stripes(41, seed=1)
    folder, card, rows = train(epochs=40, patience=2, valid=Examples(valid.tensors, 1 - valid.targets))
    best = min(range(len(rows)), key=lambda i: rows[i]["valid_loss"])
    assert card.metrics["epochs"] == len(rows) == best + 1 + 2
    answers = load_predictor(folder).predict(valid.tensors)["probabilities"]
    loss = -np.log(answers[np.arange(41), 1 - valid.targets]).mean()
    assert loss == pytest.approx(rows[best]["valid_loss"], rel=1e-4)


@pytest.mark.parametrize("changes", [{"patience": 9}, {"optimizer": "sgd", "augment_shift": 1, "schedule": "cosine"}])
def test_it_goes_on_from_a_checkpoint_with_the_same_numbers(
    train: Callable[..., Any], tmp_path: Path, changes: dict[str, Any]
) -> None:
    kept = tmp_path / "kept"
    options = {"epochs": 5, "examples": make_stripes(60), "valid": make_stripes(20, seed=1), "checkpoint_every_s": 0.0}
    whole, _, rows = train("whole", **options, **changes)

    def interrupt(position: int) -> None:
        if position == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        train("cut", checkpoints=kept, after=interrupt, **options, **changes)
    assert {path.name for path in kept.glob("cnn_iter_*")} == {"cnn_iter_12.caffemodel", "cnn_iter_12.solverstate"}
    again, _, rest = train("again", checkpoints=kept, **options, **changes)
    assert [row["epoch"] for row in rest] == [4, 5]
    assert rest == rows[3:]
    assert (whole / "weights.caffemodel").read_bytes() == (again / "weights.caffemodel").read_bytes()


def test_balanced_classes_find_the_rare_one(train: Callable[..., Any]) -> None:
    stripes, valid = make_stripes(200), make_stripes(100, seed=1)
    rare = stripes.take(np.flatnonzero((stripes.targets == 0) | (np.arange(200) < 12)))
    plain = train("plain", examples=rare, valid=valid, epochs=4)[1]
    balanced = train("balanced", examples=rare, valid=valid, epochs=4, class_weights="balanced")[1]
    assert balanced.metrics["valid_accuracy"] > plain.metrics["valid_accuracy"] + 0.1


def test_what_comes_out_opens_in_another_reader(train: Callable[..., Any]) -> None:
    images = make_stripes(30, (9, 9, 3))
    folder, card, _ = train(examples=images, epochs=6, channels=[4, 6, 8])
    answers = load_predictor(folder).predict(images.tensors)["probabilities"]
    net = cv2.dnn.readNetFromCaffe(str(folder / "deploy.prototxt"), str(folder / "weights.caffemodel"))
    kept = card.preprocessing
    mean = tuple(255 * value for value in kept["mean"])
    bgr = list(images.tensors["image"][..., ::-1])
    net.setInput(cv2.dnn.blobFromImages(bgr, 1 / (255 * np.mean(kept["std"])), mean=mean[::-1]))
    np.testing.assert_allclose(net.forward(), answers, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "shape", "message"),
    [
        ({"kernel": 4}, (6, 6), "kernel: expected an odd number"),
        ({"augment_shift": 1}, (6, 9), "augment_shift: expected 0 for images of 6 x 9, as what Caffe crops is square"),
        ({"learning_rate": 1e30, "optimizer": "sgd"}, (6, 6), r"learning_rate: .* the loss became .* in epoch \d+"),
    ],
)
def test_what_caffe_cannot_do_is_said(
    train: Callable[..., Any], changes: dict[str, Any], shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(BadValue, match=message):
        train(examples=make_stripes(16, shape), **changes)


@pytest.mark.parametrize("count", [2, 3, 17])
def test_images_of_one_pixel_and_few_of_them_are_learned(train: Callable[..., Any], count: int) -> None:
    examples = Examples(make_stripes(count, (1, 1)).tensors, np.arange(count) % 2)
    assert train(epochs=1, examples=examples)[1].metrics["examples"] == count
