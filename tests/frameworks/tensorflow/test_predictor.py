"""A loaded model answers as the trained one did, and a bad folder says what is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file, save_file

from dix.errors import BadModel, BadValue
from dix.frameworks.base import ModelCard
from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.intakes.texts import TextsIntake
from dix.frameworks.lookup import load_predictor
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.recurrent import RecurrentSpec
from dix.frameworks.tensorflow.cnn_net import ConvolutionalNet
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.layers import make_rnn
from dix.frameworks.tensorflow.predictor import TensorflowPredictor
from dix.frameworks.tensorflow.recurrent import LSTM
from dix.frameworks.tensorflow.recurrent_net import RecurrentNet
from dix.frameworks.tensorflow.saving import put_weights
from tests.frameworks.conftest import make_stripes, train_on_stripes

IMAGES = make_stripes(20, seed=3).tensors["image"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained once; not to be changed."""
    return train_on_stripes(tmp_path_factory.mktemp("trained"), epochs=1, framework="tensorflow")[0]


def test_the_answer_is_that_of_the_trained_net(model: Path) -> None:
    predictor = load_predictor(model)
    net = ConvolutionalNet(CnnNet(**predictor.card.net))
    put_weights(net, load_file(model / "weights.safetensors"))
    expected = tf.nn.softmax(net({"image": tf.constant(IMAGES)})).numpy()
    answers = predictor.predict({"image": IMAGES})
    np.testing.assert_allclose(answers["probabilities"], expected, rtol=1e-4, atol=1e-6)
    assert answers["probabilities"].dtype == np.float32
    assert answers["label"].tolist() == [("column", "row")[place] for place in expected.argmax(1)]
    many = predictor.predict({"image": np.concatenate([IMAGES] * 10)})["probabilities"]
    np.testing.assert_allclose(many[180:], answers["probabilities"], rtol=1e-5)
    none = predictor.predict({"image": np.zeros((0, 6, 6), np.uint8)})
    assert (none["label"].shape, none["probabilities"].shape) == ((0,), (0, 2))
    with pytest.raises(BadValue, match=r"UINT8 \[n, 6, 6\]"):
        predictor.predict({"image": np.zeros((1, 5, 6), np.uint8)})


def test_texts_of_all_lengths_are_answered_by_one_graph() -> None:
    intake, outcome = TextsIntake(("fine", "dull"), 40, lower=True), ClassesOutcome(("a", "b"))
    net = RecurrentNet(make_rnn, RecurrentSpec(words=4, embedding=3, hidden=2, width=2))
    made = 0

    def count(batch: Batch, *, training: bool) -> tf.Tensor:
        nonlocal made
        made += 1
        return net(batch, training=training)

    card = ModelCard("rnn", "tensorflow", intake.inputs, outcome.outputs)
    predictor = TensorflowPredictor(card, intake, count, outcome, LSTM.of_steps)
    long = predictor.predict({"text": np.array(["fine dull " * 30, "dull"], dtype=object)})["probabilities"]
    for text, expected in zip(["fine dull " * 30, "dull"], long, strict=True):
        alone = predictor.predict({"text": np.array([text], dtype=object)})["probabilities"][0]
        np.testing.assert_allclose(alone, expected, rtol=1e-5)
    assert made == 1


def change_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | changes))


def change_net(folder: Path, **changes: Any) -> None:
    change_card(folder, net=json.loads((folder / "model.json").read_text())["net"] | changes)


def change_weights(folder: Path, drop: str = "", **added: Any) -> None:
    weights = load_file(folder / "weights.safetensors")
    weights.pop(drop, None)
    save_file({**weights, **added}, folder / "weights.safetensors")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "weights.safetensors").unlink(), r"it has no weights\.safetensors"),
        (lambda folder: (folder / "weights.safetensors").write_bytes(b"no"), r"weights\.safetensors is damaged"),
        (lambda folder: change_weights(folder, "hidden.bias"), r"weights\.safetensors lacks hidden\.bias"),
        (lambda folder: change_weights(folder, other=np.zeros(1)), r"has other, which the net in model\.json does not"),
        (lambda folder: change_net(folder, hidden=9), r"kernel has shape \(8, 2\), the net .* wants \(9, 2\)"),
        (lambda folder: change_net(folder, hidden=65536, channels=[65536, 65536]), r"the net .* wants \(65536, 2\)"),
        (lambda folder: change_net(folder, architecture="resnet18"), "lacks block_0_0_first"),
        (lambda folder: change_net(folder, hidden="x"), r"net\.hidden: Input should be a valid integer"),
        (lambda folder: change_card(folder, labels=["a"]), "its outputs are not those of its outcome"),
        (lambda folder: change_card(folder, algorithm="abacus"), "a tensorflow model of the algorithm 'abacus' is not"),
    ],
)  # fmt: skip
def test_a_bad_folder_says_what_is_wrong(
    model: Path, tmp_path: Path, spoil: Callable[[Path], Any], message: str
) -> None:
    shutil.copytree(model, tmp_path / "spoilt")
    spoil(tmp_path / "spoilt")
    with pytest.raises(BadModel, match=message):
        load_predictor(tmp_path / "spoilt")
