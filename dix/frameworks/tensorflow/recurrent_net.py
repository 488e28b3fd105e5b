"""The recurrent net for classes: steps in, read in one or both directions, pooled over time, one number a class out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import keras
import tensorflow as tf

from dix.frameworks.recurrent import RecurrentSpec
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.layers import Chance, make_dense, make_dropout, make_embedding

MakeCell: TypeAlias = Callable[[str, int, int, Chance], keras.layers.Layer]


class RecurrentStack(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Layers that read [n, steps, features] forwards, and backwards from each row's own end: [n, steps, width].

    What stands after a row's end never reaches a step before it, so rows of all lengths are read side by side.
    """

    def __init__(self, cell: MakeCell, features: int, spec: RecurrentSpec, chance: Chance) -> None:
        super().__init__(name="stack")
        self.width = spec.hidden * (2 if spec.bidirectional else 1)
        sizes = [features, *[self.width] * (spec.layers - 1)]
        self._forwards = [cell(f"forwards_{i}", size, spec.hidden, chance) for i, size in enumerate(sizes)]
        self._backwards = [
            cell(f"backwards_{i}", size, spec.hidden, chance) for i, size in enumerate(sizes) if spec.bidirectional
        ]
        self._between = make_dropout(spec.dropout, chance)
        self.built = True

    def call(self, steps: tf.Tensor, lengths: tf.Tensor, *, training: bool = False) -> tf.Tensor:
        for i, layer in enumerate(self._forwards):
            given = self._between(steps, training=training) if i else steps
            steps = layer(given)
            if self._backwards:
                back = self._backwards[i](tf.reverse_sequence(given, lengths, seq_axis=1))
                steps = tf.concat([steps, tf.reverse_sequence(back, lengths, seq_axis=1)], axis=2)
        return steps


class RecurrentNet(keras.Model):  # type: ignore[misc]
    """Embeds words, reads, pools what it has read and what it was given (so that what one word alone tells is not lost
    on the way), and answers [n, width]; see `RecurrentSpec` for its tensors.
    """

    def __init__(self, cell: MakeCell, spec: RecurrentSpec, seed: int = 0) -> None:
        super().__init__(name="recurrent")
        chance = Chance(seed)
        self._spec = spec
        self._embedding = make_embedding(spec.words, spec.embedding, chance) if spec.words else None
        self._stack = RecurrentStack(cell, spec.features, spec, chance)
        self._dropout = make_dropout(spec.dropout, chance)
        self._head = make_dense("head", self._stack.width + spec.features, spec.width, chance)
        self.built = True

    def call(self, batch: Batch, *, training: bool = False) -> tf.Tensor:
        lengths = batch["lengths"]
        given = batch["sequence" if self._embedding is None else "tokens"]
        if not training:  # while learning it is as wide as the longest row of all workers
            given = given[:, : tf.reduce_max(lengths)]
        steps = self._dropout(given if self._embedding is None else self._embedding(given), training=training)
        read = tf.concat([self._stack(steps, lengths, training=training), steps], axis=2)
        return self._head(self._dropout(self._pool(read, lengths), training=training))

    def _pool(self, read: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        if self._spec.pooling == "last":
            return self._take_ends(read, lengths)
        inside = tf.sequence_mask(lengths, tf.shape(read)[1])[:, :, None]
        if self._spec.pooling == "max":
            return tf.reduce_max(tf.where(inside, read, read.dtype.min), axis=1)
        return tf.reduce_sum(tf.where(inside, read, 0.0), axis=1) / tf.cast(lengths, read.dtype)[:, None]

    def _take_ends(self, read: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """What each direction has read at its last step: the end of the row, and its beginning."""
        ends = tf.gather(read, lengths - 1, axis=1, batch_dims=1)
        if not self._spec.bidirectional:
            return ends
        hidden = self._spec.hidden
        return tf.concat([ends[:, :hidden], read[:, 0, hidden : 2 * hidden], ends[:, 2 * hidden :]], axis=1)
