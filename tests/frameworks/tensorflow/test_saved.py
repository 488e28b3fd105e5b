"""Programs of Keras and TensorFlow say what they take; what would run code is not loaded unless somebody trusts it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from dix.errors import BadModel
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.programs.predictor import make_program_predictor
from dix.frameworks.tensorflow.saved import load_keras, load_saved_model

CARD = ModelCard("script", "tensorflow", (), (), format="keras")


def make_net(*layers: keras.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((4,), name="flower"), *layers, keras.layers.Dense(3, name="kinds")])


def test_a_keras_model_answers_under_its_own_names(tmp_path: Path) -> None:
    net = make_net(keras.layers.Dropout(0.5))
    net.save(tmp_path / "net.keras")
    predictor = make_program_predictor(CARD, load_keras(tmp_path / "net.keras", trusted=False))
    assert predictor.card.inputs == (TensorSpec("flower", "FP32", (-1, 4)),)
    assert predictor.card.outputs == (TensorSpec("kinds", "FP32", (-1, 3)),)
    for count in (0, 1, 300):
        rows = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
        expected = net(rows, training=False).numpy()
        np.testing.assert_allclose(predictor.predict({"flower": rows})["kinds"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("by_name", [True, False])
def test_several_inputs_are_given_in_the_form_that_the_model_takes(tmp_path: Path, by_name: bool) -> None:
    one, two = keras.Input((1,), name="older"), keras.Input((2,), name="about")
    said = keras.layers.Concatenate(name="all")([one, two])
    given = {"older": one, "about": two} if by_name else [one, two]
    keras.Model(given, {"joined": said} if by_name else said).save(tmp_path / "net.keras")
    predictor = make_program_predictor(CARD, load_keras(tmp_path / "net.keras", trusted=False))
    rows = {"older": np.array([[1.0], [2.0]]), "about": np.array([[3.0, 4.0], [5.0, 6.0]])}
    (answer,) = predictor.predict({name: values.astype(np.float32) for name, values in rows.items()}).values()
    np.testing.assert_array_equal(answer, [[1, 3, 4], [2, 5, 6]])


def test_a_function_in_a_keras_file_is_run_for_nobody_but_who_is_trusted(tmp_path: Path) -> None:
    make_net(keras.layers.Lambda(lambda values: values * 2)).save(tmp_path / "net.keras")
    with pytest.raises(BadModel, match=r"Keras cannot load it \(ValueError: .*Lambda"):
        load_keras(tmp_path / "net.keras", trusted=False)
    assert load_keras(tmp_path / "net.keras", trusted=True).inputs[0].shape == (-1, 4)


def test_a_model_without_a_shape_is_refused(tmp_path: Path) -> None:
    keras.Sequential([keras.layers.Dense(3)]).save(tmp_path / "net.keras")
    with pytest.raises(BadModel, match="does not say what shape its inputs have"):
        load_keras(tmp_path / "net.keras", trusted=False)


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(b"no archive")
    with pytest.raises(BadModel, match="Keras cannot load it"):
        load_keras(tmp_path / "net.keras", trusted=False)
    with pytest.raises(BadModel, match="TensorFlow cannot load it"):
        load_saved_model(tmp_path)


def test_a_saved_model_answers_by_its_signature(tmp_path: Path) -> None:
    net = make_net()
    net.export(tmp_path / "saved", verbose=False)
    predictor = make_program_predictor(CARD, load_saved_model(tmp_path / "saved"))
    ((given,), (said,)) = predictor.card.inputs, predictor.card.outputs
    assert (given.shape, said.shape) == ((-1, 4), (-1, 3))
    rows = np.ones((2, 4), np.float32)
    np.testing.assert_allclose(predictor.predict({given.name: rows})[said.name], net(rows).numpy(), rtol=1e-5)
