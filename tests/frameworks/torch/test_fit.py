"""A training that was interrupted goes on as if it had not been; rare classes can be made to count."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dix.frameworks.training import Examples
from tests.frameworks.conftest import make_stripes


class Interrupted(Exception):
    """The power went."""


@pytest.mark.parametrize("changes", [{"patience": 9}, {"optimizer": "sgd", "augment_shift": 1, "schedule": "cosine"}])
def test_it_goes_on_from_a_checkpoint_with_the_same_numbers(
    train_model: Callable[..., Any], tmp_path: Path, changes: dict[str, Any]
) -> None:
    options = {"epochs": 5, "valid": make_stripes(20, seed=1), "checkpoint_every_s": 0.0, **changes}
    whole, _, rows = train_model("whole", **options)

    def interrupt(position: int) -> None:
        if position == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        train_model("cut", checkpoints=tmp_path / "kept", after=interrupt, **options)
    again, card_again, rest = train_model("again", checkpoints=tmp_path / "kept", **options)
    assert [row["epoch"] for row in rest] == [4, 5]
    assert rest == rows[3:]
    assert card_again.metrics["epochs"] == 5
    assert (whole / "weights.safetensors").read_bytes() == (again / "weights.safetensors").read_bytes()


def test_balanced_classes_find_the_rare_one(train_model: Callable[..., Any]) -> None:
    stripes = make_stripes(200)
    kept = np.flatnonzero((stripes.targets == 0) | (np.arange(200) < 12))
    rare: Examples = stripes.take(kept)
    valid = make_stripes(100, seed=1)
    plain = train_model("plain", examples=rare, valid=valid, epochs=4)[1]
    balanced = train_model("balanced", examples=rare, valid=valid, epochs=4, class_weights="balanced")[1]
    assert balanced.metrics["valid_accuracy"] > plain.metrics["valid_accuracy"] + 0.1
