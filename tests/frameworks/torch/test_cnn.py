"""Training learns, stops, repeats itself and says what it did."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.lookup import load_predictor
from dix.frameworks.training import Examples
from tests.frameworks.conftest import make_stripes


def test_it_learns(train_model: Callable[..., Any]) -> None:
    _, card, rows = train_model(epochs=12, valid=make_stripes(40, seed=1))
    assert card.metrics["valid_accuracy"] > 0.9
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert [row["epoch"] for row in rows] == list(range(1, 13))
    assert rows[-1]["progress"] == 1.0
    assert {"loss", "accuracy", "valid_loss", "valid_accuracy", "learning_rate"} <= rows[0].keys()


@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "schedule": "step"}, {"augment_shift": 1}])
def test_the_same_seed_gives_the_same_model(train_model: Callable[..., Any], changes: dict[str, Any]) -> None:
    first, _, rows = train_model("first", **changes)
    second, _, again = train_model("second", **changes)
    assert rows == again
    assert (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()


def test_another_seed_gives_another_model(train_model: Callable[..., Any]) -> None:
    assert train_model("first")[2] != train_model("second", seed=1)[2]


def test_it_stops_early_and_goes_back_to_the_best(train_model: Callable[..., Any]) -> None:
    # Wrong labels to stop by: what is learned makes the validation worse.
    valid = make_stripes(40, seed=1)
    folder, card, rows = train_model(epochs=40, patience=2, valid=Examples(valid.tensors, 1 - valid.targets))
    best = min(range(len(rows)), key=lambda i: rows[i]["valid_loss"])
    assert card.metrics["epochs"] == len(rows) == best + 1 + 2
    assert card.metrics["best_epoch"] == best + 1
    assert card.metrics["valid_loss"] == rows[best]["valid_loss"]
    answers = load_predictor(folder).predict(valid.tensors)["probabilities"]
    loss = -np.log(answers[np.arange(40), 1 - valid.targets]).mean()
    assert loss == pytest.approx(rows[best]["valid_loss"], rel=1e-3)


def test_a_rate_that_is_too_high_is_said(train_model: Callable[..., Any]) -> None:
    with pytest.raises(BadValue, match=r"learning_rate: .* got 1e\+30; the loss became .* in epoch \d+: try a tenth"):
        train_model(learning_rate=1e30, optimizer="sgd")


def test_the_card_says_what_the_model_takes_and_gives(train_model: Callable[..., Any]) -> None:
    _, card, _ = train_model(epochs=1)
    assert card.inputs == (TensorSpec("image", "UINT8", (-1, 6, 6)),)
    assert card.outputs == (TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, 2)))
    assert card.labels == ("column", "row")
    assert card.preprocessing["scale"] == 255.0
    assert 0 < card.preprocessing["mean"][0] < 1
    assert card.metrics["examples"] == 64
    assert all(math.isfinite(value) for value in card.metrics.values() if isinstance(value, float))


def test_colour_and_resizing_show_in_the_card(train_model: Callable[..., Any]) -> None:
    _, card, _ = train_model(epochs=1, examples=make_stripes(8, (6, 6, 3)), resized=True)
    assert card.inputs[0].shape == (-1, -1, -1, 3)
    assert card.preprocessing["resize"] == [6, 6]
    assert len(card.preprocessing["std"]) == 3


def test_images_all_alike_are_no_division_by_zero(train_model: Callable[..., Any]) -> None:
    examples = Examples({"image": np.full((4, 3, 3), 9, np.uint8)}, np.array([0, 1, 0, 1]))
    assert math.isfinite(train_model(epochs=1, examples=examples)[1].metrics["loss"])


@pytest.mark.parametrize("count", [2, 3, 16, 17, 18])
def test_no_batch_of_one_is_left(train_model: Callable[..., Any], count: int) -> None:
    examples = Examples(make_stripes(count, (1, 1)).tensors, np.arange(count) % 2)
    assert train_model(epochs=1, examples=examples)[1].metrics["examples"] == count
