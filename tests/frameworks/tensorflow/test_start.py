"""TensorFlow starts without a word, with the threads that are asked for first."""

from __future__ import annotations

import subprocess
import sys

import tensorflow as tf

from dix.frameworks.tensorflow.start import start_tensorflow

_ASK = """
from dix.frameworks.tensorflow.start import start_tensorflow
start_tensorflow(2, 0.0)
import tensorflow as tf
tf.zeros(1)
start_tensorflow(1, 0.0)
print(tf.config.threading.get_intra_op_parallelism_threads(), tf.config.get_visible_devices("GPU"))
"""


def test_a_fresh_process_has_the_threads_and_says_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("2 []\n", "")


def test_a_number_that_comes_too_late_changes_nothing() -> None:
    before = tf.config.threading.get_intra_op_parallelism_threads()
    start_tensorflow(before + 1, 0.0)
    assert tf.config.threading.get_intra_op_parallelism_threads() == before
