"""Layers that look at, or draw for, a whole batch: of several workers, for the rows of all."""

from __future__ import annotations

import keras
import tensorflow as tf

from dix.frameworks.tensorflow.peers import Peers


class Norm(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras has no types
    """Normalises by mean and variance of the whole batch."""

    peers: Peers | None = None

    def _moments(self, inputs: tf.Tensor, mask: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
        """Keras asks for them here."""
        return super()._moments(inputs, mask) if self.peers is None else self.peers.measure(inputs)


class Dropout(keras.layers.Dropout):  # type: ignore[misc]
    """Each row loses what it loses with one worker; all workers have its chance in the same state."""

    peers: Peers | None = None

    def call(self, inputs: tf.Tensor, *, training: bool = False) -> tf.Tensor:
        if self.peers is None or not training or not self.rate:
            return super().call(inputs, training=training)
        whole = tf.concat([[self.peers.batch_rows], tf.shape(inputs)[1:]], axis=0)
        kept = super().call(tf.ones(whole, inputs.dtype), training=True)
        return inputs * kept[self.peers.mine]


def span_net(net: keras.Model, peers: Peers) -> None:
    """Have such layers of `net` see the batch of all workers, before a graph is made of it."""
    for layer in net._flatten_layers():  # noqa: SLF001 Keras has no other word for all of them
        if isinstance(layer, Norm | Dropout):
            layer.peers = peers
