"""Change images a little while training, so that the net learns what does not matter."""

from __future__ import annotations

import tensorflow as tf


def shift_images(images: tf.Tensor, most: int, chance: tf.random.Generator) -> tf.Tensor:
    """Each image [n, h, w(, c)] moved by its own -most..most pixels down and right; the edge is repeated."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    moves = chance.uniform([2, count, 1], -most, most + 1, dtype=tf.int32)
    rows = tf.clip_by_value(tf.range(height) - moves[0], 0, height - 1)
    columns = tf.clip_by_value(tf.range(width) - moves[1], 0, width - 1)
    return tf.gather(tf.gather(images, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def flip_images(images: tf.Tensor, chance: tf.random.Generator) -> tf.Tensor:
    """Half of the images [n, h, w(, c)], by chance, with left and right exchanged."""
    count = tf.shape(images)[0]
    is_flipped = chance.uniform([count, *[1] * (len(images.shape) - 1)]) < 0.5
    return tf.where(is_flipped, tf.reverse(images, [2]), images)
