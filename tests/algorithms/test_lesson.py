"""A node that trains keeps its checkpoints in the store, goes on from them, and keeps examples of each class aside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dix.algorithms.base import CheckpointPlaces
from dix.algorithms.cnn import Cnn
from dix.algorithms.lesson import Lesson, hold_out, train_lesson
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples
from dix.store.store import Store
from tests.benchmarks.steps import make_context


class Cut(Exception):
    """The machine is gone."""


def test_each_class_is_held_out_by_its_share() -> None:
    groups = np.array([0] * 80 + [1] * 20)
    kept = hold_out(groups, 0.25, seed=3)
    assert kept is not None
    assert np.bincount(groups[kept]).tolist() == [20, 5]
    assert hold_out(groups, 0.0, seed=3) is None
    assert hold_out(np.array([0, 1]), 0.1, seed=3) is None


def test_a_later_attempt_goes_on_where_the_earlier_one_was(store: Store, tmp_path: Path) -> None:
    places = CheckpointPlaces("dix/runs/r1/steps/cnn/checkpoints")
    with pytest.raises(Cut):
        train(store, tmp_path / "one", places, cut_at=3)
    assert train(store, tmp_path / "two", places) == [3, 4]
    # The same step of a repeated run: the earlier one had come to its end.
    assert train(store, tmp_path / "three", CheckpointPlaces("dix/runs/r2/checkpoints", places.uri)) == []


def train(store: Store, scratch: Path, places: CheckpointPlaces, cut_at: int = 0) -> list[int]:
    """The epochs that were done; the machine is gone before what `cut_at` came to is kept."""
    epochs: list[int] = []

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        if position == cut_at:
            raise Cut
        epochs.append(position)

    defaults = {name: one["default"] for name, one in Cnn.spec.params["properties"].items()}
    params = defaults | {"epochs": 4, "channels": [4], "hidden": 8, "checkpoint_every_s": 0.0}
    context = make_context(store, params, {}, scratch=scratch, report=report, checkpoints=places)
    images = np.random.default_rng(0).integers(0, 255, (16, 6, 6), dtype=np.uint8)
    examples = Examples({"image": images}, np.arange(16) % 2)
    train_lesson(context, "cnn", Lesson(fit_images(images, resized=False), ClassesOutcome(("a", "b")), examples, None))
    return epochs
