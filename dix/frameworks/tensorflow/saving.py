"""Write a net's weights beside its card, and read them back without running anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dix.errors import BadModel
from dix.frameworks.tensorflow.design import Weights

WEIGHTS_FILE = "weights.safetensors"


def collect_weights(net: keras.Model) -> Weights:
    """A copy of all weights by name."""
    return {_name(weight): np.array(weight.numpy()) for weight in net.weights}


def put_weights(net: keras.Model, weights: Weights) -> None:
    """Give the net the weights of another of the same kind."""
    for weight in net.weights:
        weight.assign(weights[_name(weight)])


def save_weights(folder: Path, net: keras.Model) -> None:
    """Write all weights and buffers of the net."""
    save_file(collect_weights(net), folder / WEIGHTS_FILE)


def load_weights(folder: Path, build: Callable[[], keras.Model]) -> Weights:
    """The weights of the folder; raises BadModel unless they are those of the net that `build` makes.

    The net is built in a graph that is thrown away, where it takes no memory.
    """
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise BadModel(str(folder), f"it has no {WEIGHTS_FILE}")
    with tf.Graph().as_default():
        wanted = {_name(weight): tuple(weight.shape) for weight in build().weights}
    try:
        with safe_open(path, framework="numpy") as file:
            found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
            _check_shapes(folder, wanted, found)
            return {name: file.get_tensor(name) for name in found}
    except SafetensorError as error:
        raise BadModel(str(folder), f"{WEIGHTS_FILE} is damaged ({error})") from error


def _check_shapes(folder: Path, wanted: dict[str, tuple[int, ...]], found: dict[str, tuple[int, ...]]) -> None:
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise BadModel(str(folder), f"{WEIGHTS_FILE} lacks {name}")
        if name not in wanted:
            raise BadModel(str(folder), f"{WEIGHTS_FILE} has {name}, which the net in model.json does not")
        if wanted[name] != found[name]:
            raise BadModel(str(folder), f"{name} has shape {found[name]}, the net in model.json wants {wanted[name]}")


def _name(weight: keras.Variable) -> str:
    return str(weight.path).replace("/", ".")
