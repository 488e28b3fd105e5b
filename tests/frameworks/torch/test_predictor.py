"""A loaded model answers as the trained one did, and a bad folder says what is wrong with it."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from dix.errors import BadModel, BadValue
from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.lookup import load_predictor
from dix.frameworks.torch.cnn_net import ConvolutionalNet
from tests.frameworks.conftest import make_stripes

IMAGES = make_stripes(20, seed=3).tensors["image"]


@pytest.fixture
def model(train_model: Callable[..., Any]) -> Path:
    folder: Path = train_model(epochs=2)[0]
    return folder


def test_the_answer_is_that_of_the_trained_net(model: Path) -> None:
    predictor = load_predictor(model)
    net = ConvolutionalNet(CnnNet(**predictor.card.net))
    net.load_state_dict(load_file(model / "weights.safetensors"))
    with torch.no_grad():
        expected = torch.softmax(net.eval()({"image": torch.from_numpy(IMAGES)}), dim=1).numpy()
    answers = predictor.predict({"image": IMAGES})
    np.testing.assert_allclose(answers["probabilities"], expected, rtol=1e-4, atol=1e-6)
    assert answers["probabilities"].dtype == np.float32
    assert answers["label"].tolist() == [("column", "row")[place] for place in expected.argmax(1)]


def test_a_batch_answers_as_its_rows_do(model: Path) -> None:
    predictor = load_predictor(model)
    values = np.concatenate([IMAGES] * 60)
    whole = predictor.predict({"image": values})["probabilities"]
    assert whole.shape == (1200, 2)
    np.testing.assert_allclose(whole[:20], predictor.predict({"image": IMAGES})["probabilities"], rtol=1e-5)


def test_no_rows_give_no_answers(model: Path) -> None:
    answers = load_predictor(model).predict({"image": np.zeros((0, 6, 6), np.uint8)})
    assert answers["label"].shape == (0,)
    assert answers["probabilities"].shape == (0, 2)


def test_wrong_questions_are_refused(model: Path) -> None:
    with pytest.raises(BadValue, match=r"UINT8 \[n, 6, 6\]"):
        load_predictor(model).predict({"image": np.zeros((1, 5, 6), np.uint8)})
    with pytest.raises(BadValue, match="an input of this name"):
        load_predictor(model).predict({})


def test_a_resizing_model_takes_any_size(train_model: Callable[..., Any]) -> None:
    predictor = load_predictor(train_model(epochs=1, resized=True)[0])
    same = predictor.predict({"image": IMAGES})["probabilities"]
    mixed = np.empty(2, dtype=object)
    mixed[0], mixed[1] = IMAGES[0], np.zeros((50, 40), np.uint8)
    np.testing.assert_allclose(predictor.predict({"image": mixed})["probabilities"][0], same[0], rtol=1e-5)
    assert predictor.predict({"image": np.zeros((0, 9, 9), np.uint8)})["label"].shape == (0,)


def change_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | changes))


def change_net(folder: Path, **changes: Any) -> None:
    net = json.loads((folder / "model.json").read_text())["net"]
    change_card(folder, net=net | changes)


def truncate(folder: Path) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:100])


def put_pickle(folder: Path) -> None:
    (folder / "weights.safetensors").write_bytes(pickle.dumps({"a": 1}))


def drop_one(folder: Path) -> None:
    weights = load_file(folder / "weights.safetensors")
    weights.pop("head.1.bias")
    save_file(weights, folder / "weights.safetensors")


def add_one(folder: Path) -> None:
    weights = load_file(folder / "weights.safetensors")
    save_file({**weights, "other": torch.zeros(1)}, folder / "weights.safetensors")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "weights.safetensors").unlink(), r"it has no weights\.safetensors"),
        (truncate, r"weights\.safetensors is damaged"),
        (put_pickle, r"weights\.safetensors is damaged"),
        (drop_one, r"weights\.safetensors lacks head\.1\.bias"),
        (add_one, r"weights\.safetensors has other, which the net in model\.json does not"),
        (lambda folder: change_net(folder, hidden=9), r"head\.1\.bias has shape \(8,\), the net .* wants \(9,\)"),
        (lambda folder: change_net(folder, hidden=65536, height=60000, width=60000), "has shape"),
        (lambda folder: change_net(folder, hidden="x"), r"net\.hidden: Input should be a valid integer"),
        (lambda folder: change_net(folder, code="import os"), r"net\.code: Extra inputs are not permitted"),
        (lambda folder: change_card(folder, labels=["a"]), "its outputs are not those of its outcome"),
        (lambda folder: change_card(folder, algorithm="svm"), "a torch model of the algorithm 'svm' is not known"),
    ],
)  # fmt: skip
def test_a_bad_folder_says_what_is_wrong(model: Path, spoil: Callable[[Path], Any], message: str) -> None:
    spoil(model)
    with pytest.raises(BadModel, match=message):
        load_predictor(model)
