"""A net that Caffe trained answers as those of the other frameworks do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dix.errors import BadModel, BadValue
from dix.frameworks.lookup import load_predictor
from tests.frameworks.conftest import make_stripes, train_model

__all__ = ["train_model"]


def test_it_answers_labels_and_probabilities_of_any_number_of_rows(train_model: Callable[..., Any]) -> None:
    predictor = load_predictor(train_model(framework="caffe", epochs=8)[0])
    stripes = make_stripes(130, seed=2)
    answer = predictor.predict(stripes.tensors)
    assert answer["probabilities"].shape == (130, 2)
    np.testing.assert_allclose(answer["probabilities"].sum(axis=1), 1, rtol=1e-6)
    right = answer["label"] == np.array(["column", "row"], dtype=object)[stripes.targets]
    assert right.mean() > 0.8
    assert predictor.predict({"image": np.zeros((0, 6, 6), np.uint8)})["probabilities"].shape == (0, 2)
    with pytest.raises(BadValue, match="image"):
        predictor.predict({"image": np.zeros((2, 6, 7), np.uint8)})


def test_images_of_all_sizes_are_brought_to_one(train_model: Callable[..., Any]) -> None:
    predictor = load_predictor(train_model(framework="caffe", epochs=1, resized=True)[0])
    images = np.empty(2, dtype=object)
    images[:] = [np.zeros((9, 7), np.uint8), np.zeros((6, 12), np.uint8)]
    assert len(predictor.predict({"image": images})["label"]) == 2


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("labels", ["a", "b", "c"], "its outputs are not"), ("outputs", None, "other images or classes than its net")],
)
def test_a_card_that_does_not_fit_its_net_is_refused(
    train_model: Callable[..., Any], field: str, value: object, message: str
) -> None:
    folder = train_model(framework="caffe", epochs=1)[0]
    card = json.loads((folder / "model.json").read_text())
    if value is None:
        card["labels"] = ["a", "b", "c"]
        card["outputs"][1]["shape"] = [-1, 3]
    else:
        card[field] = value
    (folder / "model.json").write_text(json.dumps(card))
    with pytest.raises(BadModel, match=message):
        load_predictor(folder)
