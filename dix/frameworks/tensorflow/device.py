"""Where TensorFlow computes, and in which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import keras
import tensorflow as tf


def name_device() -> str:
    """What it computes on, as people call it: the GPU's name, or cpu."""
    cards = tf.config.get_visible_devices("GPU")
    return tf.config.experimental.get_device_details(cards[0]).get("device_name", "gpu") if cards else "cpu"


def use_mixed_precision() -> AbstractContextManager[None]:
    """A net that is built in here multiplies in 16 bits on a GPU that has bfloat16; elsewhere this changes nothing."""
    return _use_policy("mixed_bfloat16" if _has_bfloat16() else "float32")


def use_full_precision() -> AbstractContextManager[None]:
    """What is built in here multiplies in 32 bits, whatever stands around it."""
    return _use_policy("float32")


@contextmanager
def _use_policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _has_bfloat16() -> bool:
    cards = tf.config.get_visible_devices("GPU")
    return bool(cards) and tf.config.experimental.get_device_details(cards[0]).get("compute_capability", (0, 0)) >= (
        8,
        0,
    )
