"""Find what a framework offers: the predictor of a model folder, the trainer of an algorithm."""

from __future__ import annotations

from pathlib import Path

from dix.errors import BadModel, NotYet
from dix.frameworks.base import Predictor
from dix.frameworks.caffe.order import CaffeTrainer
from dix.frameworks.card import check_answers, read_card
from dix.frameworks.programs.lookup import load_program
from dix.frameworks.programs.predictor import make_program_predictor
from dix.frameworks.training import Trainer


def load_predictor(folder: Path, threads: int = 1, gpus: float = 0.0, *, trusted: bool = False) -> Predictor:
    """Load a model folder with the framework it was trained on.

    It answers on the GPU when `gpus` is more than 0 and there is one, on `threads` CPU threads otherwise. With
    `trusted`, somebody who may has allowed that what a script has left there runs code while it is loaded.
    Raises BadModel when the folder does not hold a whole model, or one that may not be loaded.
    """
    card = read_card(folder)
    check_answers(str(folder), card.format, card.loading, trusted=trusted)
    if card.format:
        return make_program_predictor(card, load_program(folder, card, threads, gpus, trusted=trusted))
    framework = card.framework
    if framework == "torch":
        from dix.frameworks.torch.predictor import load_torch_predictor

        return load_torch_predictor(folder, threads, gpus)
    if framework == "caffe":
        from dix.frameworks.caffe.predictor import load_caffe_predictor

        return load_caffe_predictor(folder, threads, gpus)
    if framework == "tensorflow":
        from dix.frameworks.tensorflow.entry import load_tensorflow_predictor

        return load_tensorflow_predictor(folder, threads, gpus)
    raise BadModel(str(folder), f"its framework is {framework!r}, known are caffe, tensorflow, torch")


def find_trainer(algorithm: str, framework: str) -> Trainer:
    """The trainer of an algorithm on a framework; NotYet where there is none so far."""
    if framework == "torch":
        from dix.frameworks.torch.nets import NETS
        from dix.frameworks.torch.train import train_net

        if algorithm in NETS:
            return train_net
    if framework == "tensorflow":
        from dix.frameworks.tensorflow import nets
        from dix.frameworks.tensorflow.entry import train_net as train_net_of_tensorflow

        if algorithm in nets.NETS:
            return train_net_of_tensorflow
    if framework == "caffe" and algorithm == "cnn":
        from dix.frameworks.caffe.cnn.train import train_cnn

        return train_cnn
    raise NotYet(f"training {algorithm} on {framework}")


def find_caffe_trainer() -> CaffeTrainer:
    """What trains by a user's own prototxts."""
    from dix.frameworks.caffe.training import train_caffe

    return train_caffe
