"""The model node as a step, and the main job of the demo without a cluster."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dix.algorithms.cnn import Cnn
from dix.algorithms.evaluate import Evaluate
from dix.algorithms.score import Score
from dix.errors import BadModel, NotFound
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


@pytest.mark.parametrize(("learn_from", "test_with"), [("train", "test.parquet"), ("train.parquet", "test")])
def test_digits_are_learned_scored_and_evaluated(
    run_step: RunStep, store: Store, digits: Path, learn_from: str, test_with: str
) -> None:
    for name in (learn_from, test_with):
        store.put(digits / name, f"digits/{name}")
    trained = run_step(Cnn(), {"train": f"digits/{learn_from}"}, params={"epochs": 8, "learning_rate": 0.002})
    store.commit_folder(trained.context.output("model"), "models/1")
    scored = run_step(Score(), {"data": f"digits/{test_with}"}, models={"model": "models/1"}, target="scores")
    assert scored.result.metrics["rows"] == 359
    assert scored.result.uris == {"data": store.resolve("scores")}
    assert scored.rows[-1]["progress"] == 1.0
    evaluated = run_step(Evaluate(), {"data": "scores"})
    assert evaluated.result.metrics["accuracy"] >= 0.97
    assert evaluated.result.metrics["roc_auc"] >= 0.99  # the order of the classes came with the probabilities


def test_a_model_that_resizes_scores_images_of_all_sizes(run_step: RunStep, store: Store, tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    for number in range(12):
        folder = tmp_path / "photos" / ("wide" if number % 2 else "high")
        folder.mkdir(parents=True, exist_ok=True)
        size = (6 + number, 20, 3) if number % 2 else (20, 6 + number, 3)
        Image.fromarray(chance.integers(0, 255, size, dtype=np.uint8)).save(folder / f"{number}.jpg")
    store.put(tmp_path / "photos", "photos")
    trained = run_step(Cnn(), {"train": "photos"}, params={"epochs": 1, "image_size": 8, "channels": [2]})
    store.commit_folder(trained.context.output("model"), "models/1")
    scored = run_step(Score(), {"data": "photos"}, models={"model": "models/1"}, params={"batch_size": 5})
    assert scored.result.metrics["rows"] == 12
    assert run_step(Evaluate(), {"data": "out"}).result.metrics["rows"] == 12


def test_a_folder_that_is_no_model_is_refused(run_step: RunStep, store: Store) -> None:
    store.write_bytes("models/2/model.json", b"{}")
    with pytest.raises(BadModel, match=r"models/2.*model\.json is no model card"):
        run_step(Score(), {"data": "digits/test"}, models={"model": "models/2"})


def test_a_missing_model_is_said(run_step: RunStep, store: Store) -> None:
    with pytest.raises(NotFound, match="models/3"):
        run_step(Score(), {"data": "digits/test"}, models={"model": "models/3"})
