"""The convolutional net: raw pixels in, one number a class out; normalising is its first layer."""

from __future__ import annotations

import keras
import tensorflow as tf

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.layers import (
    Chance,
    Normalize,
    average_to,
    make_conv,
    make_dense,
    make_dropout,
    make_norm,
)


class ConvolutionalNet(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Blocks of convolution, batch norm, ReLU and halving; then one hidden layer and the classes.

    A block halves the image while both sides have at least two pixels; what is left is averaged down to at most
    4 x 4 places, so that the hidden layer stays small for large images.
    """

    def __init__(self, spec: CnnNet, seed: int = 0) -> None:
        super().__init__(name="cnn")
        chance = Chance(seed)
        self.normalize = Normalize(spec.colours)
        self._halves: list[bool] = []
        self._convs, self._norms = [], []
        before, height, width = spec.colours, spec.height, spec.width
        for i, channels in enumerate(spec.channels):
            self._convs.append(
                make_conv(f"conv_{i}", before, channels, spec.kernel, chance, use_bias=not spec.batch_norm)
            )
            if spec.batch_norm:
                self._norms.append(make_norm(f"norm_{i}", channels))
            self._halves.append(min(height, width) >= 2)
            if self._halves[-1]:
                height, width = height // 2, width // 2
            before = channels
        self._places = (min(height, 4), min(width, 4)) if max(height, width) > 4 else None
        features = before * min(height, 4) * min(width, 4)
        self._hidden = make_dense("hidden", features, spec.hidden, chance) if spec.hidden else None
        self._dropout = make_dropout(spec.dropout, chance)
        self._classes = make_dense("classes", spec.hidden or features, spec.classes, chance)
        self.built = True

    def call(self, batch: Batch, *, training: bool = False) -> tf.Tensor:
        """Raw pixels, the tensor `image`, to logits [n, classes]."""
        images = self.normalize(batch["image"])
        for i, conv in enumerate(self._convs):
            images = conv(images)
            if self._norms:
                images = self._norms[i](images, training=training)
            images = tf.nn.relu(images)
            if self._halves[i]:
                images = tf.nn.max_pool2d(images, 2, 2, "VALID")
        if self._places is not None:
            images = average_to(*self._places, images)
        numbers = tf.reshape(images, [tf.shape(images)[0], images.shape[1] * images.shape[2] * images.shape[3]])
        if self._hidden is not None:
            numbers = tf.nn.relu(self._hidden(numbers))
        return self._classes(self._dropout(numbers, training=training))
