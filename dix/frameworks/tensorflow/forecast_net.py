"""The recurrent net for forecasts: begins as the seasonal-naive one, and learns what to change about it."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dix.frameworks.recurrent import ForecastSpec, RecurrentSpec
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.layers import Chance, make_dense, make_dropout
from dix.frameworks.tensorflow.recurrent_net import MakeCell, RecurrentStack

_STEP_FEATURES = 8
# Added to a window's variance, in units of the training's: a window that stands still is not blown up.
_LEAST_VARIANCE = 1e-4


class ForecastNet(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Brings each window to its own mean and spread, so that a new level is nothing new; then adds up two ways.

    The straight way is linear in what is forecast, and begins with the values of one season ago. The recurrent way
    reads all columns, and says for each step ahead, from what it has read, what was one season ago and what is known,
    how far the straight way is off; it begins at zero.
    """

    def __init__(self, cell: MakeCell, spec: RecurrentSpec, forecast: ForecastSpec, seed: int = 0) -> None:
        super().__init__(name="forecast")
        chance = Chance(seed)
        self._forecast = forecast
        self._ago = forecast.history - forecast.season + np.arange(forecast.horizon) % forecast.season
        self._stack = RecurrentStack(cell, spec.channels, spec, chance)
        self._straight = _make_straight(forecast, self._ago)
        self._steps = self.add_weight(
            shape=(forecast.horizon, _STEP_FEATURES),
            initializer=keras.initializers.RandomNormal(stddev=1.0, seed=chance.draw()),
            name="steps",
        )
        given = spec.hidden + _STEP_FEATURES + forecast.values + 2 * forecast.known
        self._hidden = make_dense("hidden", given, spec.hidden, chance)
        self._dropout = make_dropout(spec.dropout, chance)
        self._correct = keras.layers.Dense(forecast.values, kernel_initializer="zeros", name="correct")
        self._correct.build((None, spec.hidden))
        self.built = True

    def call(self, batch: Batch, *, training: bool = False) -> tf.Tensor:
        """[n, horizon x values], in the units of `history`."""
        history, values = batch["history"], self._forecast.values
        asked = history[:, :, :values]
        mean = tf.reduce_mean(asked, axis=1, keepdims=True)
        spread = tf.sqrt(tf.math.reduce_variance(asked, axis=1, keepdims=True) + _LEAST_VARIANCE)
        window = tf.concat([(asked - mean) / spread, history[:, :, values:]], axis=2)
        straight = tf.transpose(self._straight(tf.transpose(window[:, :, :values], [0, 2, 1])), [0, 2, 1])
        hidden = tf.nn.relu(self._hidden(self._gather(window, batch, training=training)))
        said = (straight + self._correct(self._dropout(hidden, training=training))) * spread + mean
        return tf.reshape(said, [tf.shape(history)[0], self._forecast.horizon * values])

    def _gather(self, window: tf.Tensor, batch: Batch, *, training: bool) -> tf.Tensor:
        """What is known for each step ahead, [n, horizon, features]."""
        forecast, count = self._forecast, tf.shape(window)[0]
        read = self._stack(window, tf.fill([count], forecast.history), training=training)[:, -1:]
        ago = tf.gather(window, self._ago, axis=1)
        parts = [
            tf.broadcast_to(read, [count, forecast.horizon, read.shape[2]]),
            tf.broadcast_to(self._steps[None], [count, *self._steps.shape]),
            ago[:, :, : forecast.values],
        ]
        if forecast.known:
            parts += [ago[:, :, ago.shape[2] - forecast.known :], batch["known"]]
        return tf.concat(parts, axis=2)


def _make_straight(forecast: ForecastSpec, ago: NDArray[np.int64]) -> keras.layers.Layer:
    """Begins with the values of one season ago."""
    first = np.zeros((forecast.history, forecast.horizon), np.float32)
    first[ago, np.arange(forecast.horizon)] = 1.0
    layer = keras.layers.Dense(
        forecast.horizon, kernel_initializer=lambda *_, **__: tf.constant(first), name="straight"
    )
    layer.build((None, forecast.history))
    return layer
