"""A residual net of 18 layers: for images that a plain one of a few layers does not tell apart."""

from __future__ import annotations

import keras
import tensorflow as tf

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.layers import Chance, Normalize, make_conv, make_dense, make_dropout, make_norm

_STAGES = (64, 128, 256, 512)
_SMALL = 64


class ResidualNet(keras.Model):  # type: ignore[misc]  # Keras has no types
    """ResNet-18: a stem, four stages of two blocks, the average over the image, the classes.

    The stem quarters an image, unless one of its sides is smaller than 64 pixels: then it leaves the size as it is.
    """

    def __init__(self, spec: CnnNet, seed: int = 0) -> None:
        super().__init__(name="resnet18")
        chance = Chance(seed)
        self.normalize = Normalize(spec.colours)
        self._is_small = min(spec.height, spec.width) < _SMALL
        kernel, strides = (3, 1) if self._is_small else (7, 2)
        self._stem = make_conv("stem", spec.colours, _STAGES[0], kernel, chance, strides=strides, use_bias=False)
        self._norm = make_norm("stem_norm", _STAGES[0])
        self._blocks = []
        before = _STAGES[0]
        for stage, channels in enumerate(_STAGES):
            for place in range(2):
                strides = 2 if stage > 0 and place == 0 else 1
                self._blocks.append(ResidualBlock(f"block_{stage}_{place}", before, channels, strides, chance))
                before = channels
        self._dropout = make_dropout(spec.dropout, chance)
        self._classes = make_dense("classes", before, spec.classes, chance)
        self.built = True

    def call(self, batch: Batch, *, training: bool = False) -> tf.Tensor:
        """Raw pixels, the tensor `image`, to logits [n, classes]."""
        images = tf.nn.relu(self._norm(self._stem(self.normalize(batch["image"])), training=training))
        if not self._is_small:
            images = tf.nn.max_pool2d(images, 3, 2, "SAME")
        for block in self._blocks:
            images = block(images, training=training)
        return self._classes(self._dropout(tf.reduce_mean(images, axis=[1, 2]), training=training))


class ResidualBlock(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Two convolutions, and what came in added to what they say."""

    def __init__(self, name: str, before: int, after: int, strides: int, chance: Chance) -> None:
        super().__init__(name=name)
        self._first = make_conv(f"{name}_first", before, after, 3, chance, strides=strides, use_bias=False)
        self._first_norm = make_norm(f"{name}_first_norm", after)
        self._second = make_conv(f"{name}_second", after, after, 3, chance, use_bias=False)
        self._second_norm = make_norm(f"{name}_second_norm", after)
        self._short = self._short_norm = None
        if strides > 1 or before != after:
            self._short = make_conv(f"{name}_short", before, after, 1, chance, strides=strides, use_bias=False)
            self._short_norm = make_norm(f"{name}_short_norm", after)
        self.built = True

    def call(self, images: tf.Tensor, *, training: bool = False) -> tf.Tensor:
        said = tf.nn.relu(self._first_norm(self._first(images), training=training))
        said = self._second_norm(self._second(said), training=training)
        if self._short is not None and self._short_norm is not None:
            images = self._short_norm(self._short(images), training=training)
        return tf.nn.relu(said + images)
