"""The way into this room: TensorFlow is started before anything that needs it is imported."""

from __future__ import annotations

from pathlib import Path

from dix.frameworks.base import ModelCard, Predictor
from dix.frameworks.programs.base import Program
from dix.frameworks.tensorflow.start import start_tensorflow
from dix.frameworks.training import EpochReport, Trainer, TrainOrder


def train_net(order: TrainOrder, report: EpochReport) -> ModelCard:
    """See `Trainer`."""
    start_tensorflow(order.threads, order.gpus)
    from dix.frameworks.tensorflow import train

    return train.train_net(order, report)


def load_tensorflow_predictor(folder: Path, threads: int = 1, gpus: float = 0.0) -> Predictor:
    """Load a model folder that TensorFlow wrote; raises BadModel. The first call decides on the process's threads."""
    start_tensorflow(threads, gpus)
    from dix.frameworks.tensorflow import predictor

    return predictor.load_predictor(folder)


def load_keras_program(path: Path, threads: int = 1, gpus: float = 0.0, *, trusted: bool = False) -> Program:
    """The model in a `.keras`; see `saved.load_keras`."""
    start_tensorflow(threads, gpus)
    from dix.frameworks.tensorflow import saved

    return saved.load_keras(path, trusted=trusted)


def load_saved_model_program(folder: Path, threads: int = 1, gpus: float = 0.0) -> Program:
    """The model in a SavedModel's folder; see `saved.load_saved_model`."""
    start_tensorflow(threads, gpus)
    from dix.frameworks.tensorflow import saved

    return saved.load_saved_model(folder)


_: Trainer = train_net
