"""Layers as the nets of the other frameworks have them: the same first weights, the same arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dix.frameworks.tensorflow.global_layers import Dropout, Norm

NORM_EPSILON = 1e-5


class Normalize(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Raw pixels [n, h, w] or [n, h, w, c] to normalised floats [n, h, w, c]: (x / scale - mean) / std a colour."""

    def __init__(self, colours: int) -> None:
        super().__init__(name="normalize", autocast=False, dtype="float32")
        self.factor = self.add_weight(shape=(colours,), initializer="ones", trainable=False, name="factor")
        self.shift = self.add_weight(shape=(colours,), initializer="zeros", trainable=False, name="shift")
        self.built = True

    def set_scaling(self, scale: float, mean: Sequence[float], std: Sequence[float]) -> None:
        """`mean` and `std` are of x / scale, one a colour."""
        self.factor.assign(1.0 / (scale * np.array(std, np.float32)))
        self.shift.assign(-np.array(mean, np.float32) / np.array(std, np.float32))

    def call(self, pixels: tf.Tensor) -> tf.Tensor:
        if len(pixels.shape) == 3:
            pixels = pixels[..., None]
        return tf.cast(pixels, tf.float32) * self.factor + self.shift


class Chance:
    """Gives each layer of a net a seed of its own."""

    def __init__(self, seed: int) -> None:
        self._numbers = np.random.default_rng(seed)

    def draw(self) -> int:
        return int(self._numbers.integers(2**31))


def make_conv(name: str, before: int, after: int, kernel: int, chance: Chance, **options: Any) -> keras.layers.Layer:
    """A convolution of `before` channels to `after`; of an image of the same size unless `strides` are given."""
    layer = keras.layers.Conv2D(
        after, kernel, padding="same", name=name, **options, **_make_initializers(before * kernel**2, chance)
    )
    layer.build((None, kernel, kernel, before))
    return layer


def make_dense(name: str, before: int, after: int, chance: Chance) -> keras.layers.Layer:
    """`before` numbers to `after`."""
    layer = keras.layers.Dense(after, name=name, **_make_initializers(before, chance))
    layer.build((None, before))
    return layer


def make_norm(name: str, channels: int) -> keras.layers.Layer:
    """Normalises each channel over the batch."""
    layer = Norm(momentum=0.9, epsilon=NORM_EPSILON, name=name)
    layer.build((None, None, None, channels))
    return layer


def make_embedding(words: int, numbers: int, chance: Chance) -> keras.layers.Layer:
    """So many `numbers` for each word."""
    first = keras.initializers.RandomNormal(stddev=1.0, seed=chance.draw())
    layer = keras.layers.Embedding(words, numbers, embeddings_initializer=first, name="embedding")
    layer.build((None, None))
    return layer


def make_lstm(name: str, before: int, after: int, chance: Chance) -> keras.layers.Layer:
    """Reads [n, steps, before] with LSTM cells: [n, steps, after]."""
    options = {"unit_forget_bias": False, **_make_initializers(after, chance, "kernel", "recurrent", "bias")}
    layer = keras.layers.LSTM(after, return_sequences=True, name=name, **options)
    layer.build((None, None, before))
    return layer


def make_rnn(name: str, before: int, after: int, chance: Chance) -> keras.layers.Layer:
    """Reads [n, steps, before] with cells that are one layer with tanh each: [n, steps, after]."""
    options = _make_initializers(after, chance, "kernel", "recurrent", "bias")
    layer = keras.layers.SimpleRNN(after, return_sequences=True, name=name, **options)
    layer.build((None, None, before))
    return layer


def make_dropout(rate: float, chance: Chance) -> keras.layers.Layer:
    """Leaves out a share of the numbers while training."""
    return Dropout(rate, seed=chance.draw(), name="dropout")


def average_to(height: int, width: int, images: tf.Tensor) -> tf.Tensor:
    """Images [n, h, w, c] averaged down to height x width places."""
    rows, columns = _make_averages(images.shape[1], height), _make_averages(images.shape[2], width)
    return tf.einsum("nhwc,ah,bw->nabc", images, tf.cast(rows, images.dtype), tf.cast(columns, images.dtype))


def _make_averages(before: int, after: int) -> Any:
    """[after, before]: row i averages the places from floor(i * before / after) to ceil((i + 1) * before / after)."""
    averages = np.zeros((after, before), np.float32)
    for i in range(after):
        start, end = i * before // after, -(-(i + 1) * before // after)
        averages[i, start:end] = 1.0 / (end - start)
    return averages


def _make_initializers(inputs: int, chance: Chance, *names: str) -> dict[str, keras.initializers.Initializer]:
    """Those of the weights that are called so; of kernel and bias unless names are given."""
    most = 1.0 / sqrt(inputs)
    return {
        f"{name}_initializer": keras.initializers.RandomUniform(-most, most, seed=chance.draw())
        for name in names or ("kernel", "bias")
    }
