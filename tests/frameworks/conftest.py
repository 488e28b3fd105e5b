"""Small images that a net can learn in a moment, and small models."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dix.frameworks.base import ModelCard
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.lookup import find_trainer
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples, TrainOrder

PARAMS: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 16,
    "learning_rate": 0.01,
    "optimizer": "adam",
    "schedule": "none",
    "weight_decay": 0.0,
    "dropout": 0.1,
    "channels": [4],
    "hidden": 8,
    "augment_shift": 0,
    "patience": 0,
    "seed": 0,
}


def make_stripes(count: int, shape: tuple[int, ...] = (6, 6), *, seed: int = 0) -> Examples:
    """Noise with a bright row or a bright column."""
    chance = np.random.default_rng(seed)
    values = chance.integers(0, 60, (count, *shape), dtype=np.uint8)
    targets = np.arange(count, dtype=np.int64) % 2
    for i, target in enumerate(targets):
        place = int(chance.integers(0, shape[0]))
        values[(i, place) if target else (i, slice(None), place)] = 220
    return Examples({"image": values}, targets)


Trained = tuple[Path, ModelCard, list[dict[str, float]]]


def train_on_stripes(
    place: Path,
    name: str = "model",
    *,
    examples: Examples | None = None,
    valid: Examples | None = None,
    framework: str = "torch",
    **changes: Any,
) -> Trained:
    """Train the model `place/name` on stripes; `changes` are parameters. Answers its folder, its card and the rows
    reported.
    """
    folder = place / name
    folder.mkdir()
    resized = changes.pop("resized", False)
    given = examples or make_stripes(64)
    after, checkpoints = changes.pop("after", None), changes.pop("checkpoints", None)
    rows: list[dict[str, float]] = []

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append({"epoch": position, "progress": progress or 0.0, **metrics})
        if after is not None:
            after(position)

    intake = fit_images(given.tensors["image"], resized=resized)
    outcome = ClassesOutcome(("column", "row"))
    order = TrainOrder("cnn", intake, outcome, given, valid, PARAMS | changes, folder, checkpoints=checkpoints)
    return folder, find_trainer("cnn", framework)(order, report), rows


@pytest.fixture
def train_model(tmp_path: Path) -> Callable[..., Trained]:
    """Train on stripes, in a folder of the test's own; see `train_on_stripes`."""
    return partial(train_on_stripes, tmp_path)
