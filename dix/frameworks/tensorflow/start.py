"""Start TensorFlow in this process: quietly, with the threads of the slice, and with a GPU only where it has one."""

from __future__ import annotations

import importlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from dix.logs import get_logger
from dix.settings import lend_variables

_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
# What its native code writes while it is loaded, whatever the log level: that it has found oneDNN, and no GPU.
_NOISE = re.compile(rb"I0000 |WARNING: All log messages before absl::InitializeLog\(\)|E0000 .*cuInit")


def start_tensorflow(threads: int, gpus: float) -> None:
    """Called before anything of TensorFlow is imported here, and again before each training and each model.

    TensorFlow makes its pools of threads once in a process. That is enough: a process that does several steps or
    predictions does them all in a slice of one size. Where it was started with another number, that one stays.
    """
    if "tensorflow" not in sys.modules:
        with lend_variables(_ENVIRONMENT), _drop_noise():
            importlib.import_module("tensorflow")
            importlib.import_module("keras")
            _configure(max(1, threads), gpus)
        return
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() != max(1, threads):
        get_logger("frameworks").info("TensorFlow has started with another number of threads than %d", threads)


def _configure(threads: int, gpus: float) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    cards = tf.config.list_physical_devices("GPU") if gpus > 0 else []
    tf.config.set_visible_devices(cards, "GPU")
    for card in cards:
        tf.config.experimental.set_memory_growth(card, True)
    if not cards:
        tf.config.experimental.enable_op_determinism()
    tf.config.list_logical_devices()


@contextmanager
def _drop_noise() -> Iterator[None]:
    """Without the known lines that native code writes to standard error; what else is written comes afterwards."""
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            kept.seek(0)
            for line in kept:
                if not _NOISE.match(line):
                    os.write(real, line)
            os.close(real)
