"""TensorFlow is started before a test file of this folder imports it."""

from __future__ import annotations

from dix.frameworks.tensorflow.start import start_tensorflow

start_tensorflow(1, 0.0)
