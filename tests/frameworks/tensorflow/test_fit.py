"""Training learns, stops, repeats itself, and goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.lookup import load_predictor
from dix.frameworks.training import Examples
from tests.frameworks.conftest import make_stripes


class Interrupted(Exception):
    """The power went."""


@pytest.fixture
def train(train_model: Callable[..., Any]) -> Callable[..., Any]:
    return partial(train_model, framework="tensorflow")


def test_it_learns(train: Callable[..., Any]) -> None:
    _, card, rows = train(epochs=12, valid=make_stripes(40, seed=1))
    assert card.metrics["valid_accuracy"] > 0.9
    assert (card.framework, card.metrics["device"]) == ("tensorflow", "cpu")
    assert {"loss", "accuracy", "valid_loss", "valid_accuracy", "learning_rate"} <= rows[0].keys()


def test_the_same_seed_gives_the_same_model(train: Callable[..., Any]) -> None:
    changes = {"augment_shift": 1, "augment_flip": True, "epochs": 2}
    first, _, rows = train("first", **changes)
    second, _, again = train("second", **changes)
    assert rows == again
    assert (first / "weights.safetensors").read_bytes() == (second / "weights.safetensors").read_bytes()
    assert train("third", seed=1, **changes)[2] != rows


def test_it_stops_early_and_goes_back_to_the_best(train: Callable[..., Any]) -> None:
    # Wrong labels to stop by: what is learned makes the validation worse.
    valid = make_stripes(40, seed=1)
    folder, card, rows = train(epochs=40, patience=2, valid=Examples(valid.tensors, 1 - valid.targets))
    best = min(range(len(rows)), key=lambda i: rows[i]["valid_loss"])
    assert card.metrics["epochs"] == len(rows) == best + 1 + 2
    answers = load_predictor(folder).predict(valid.tensors)["probabilities"]
    loss = -np.log(answers[np.arange(40), 1 - valid.targets]).mean()
    assert loss == pytest.approx(rows[best]["valid_loss"], rel=1e-3)


@pytest.mark.parametrize("changes", [{"patience": 9}, {"optimizer": "sgd", "augment_shift": 1, "schedule": "cosine"}])
def test_it_goes_on_from_a_checkpoint_with_the_same_numbers(
    train: Callable[..., Any], tmp_path: Path, changes: dict[str, Any]
) -> None:
    options = {"epochs": 5, "valid": make_stripes(20, seed=1), "checkpoint_every_s": 0.0, **changes}
    whole, _, rows = train("whole", **options)

    def interrupt(position: int) -> None:
        if position == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        train("cut", checkpoints=tmp_path / "kept", after=interrupt, **options)
    again, _, rest = train("again", checkpoints=tmp_path / "kept", **options)
    assert [row["epoch"] for row in rest] == [4, 5]
    assert rest == rows[3:]
    assert (whole / "weights.safetensors").read_bytes() == (again / "weights.safetensors").read_bytes()


def test_balanced_classes_find_the_rare_one(train: Callable[..., Any]) -> None:
    stripes, valid = make_stripes(200), make_stripes(100, seed=1)
    rare = stripes.take(np.flatnonzero((stripes.targets == 0) | (np.arange(200) < 12)))
    plain = train("plain", examples=rare, valid=valid, epochs=4)[1]
    balanced = train("balanced", examples=rare, valid=valid, epochs=4, class_weights="balanced")[1]
    assert balanced.metrics["valid_accuracy"] > plain.metrics["valid_accuracy"] + 0.1


def test_a_rate_that_is_too_high_is_said(train: Callable[..., Any]) -> None:
    with pytest.raises(BadValue, match=r"learning_rate: .* got 1e\+30; the loss became .* in epoch \d+: try a tenth"):
        train(learning_rate=1e30, optimizer="sgd")
