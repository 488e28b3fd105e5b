"""Find what a framework offers: the predictor of a model folder, the trainer of an algorithm."""

from __future__ import annotations

from pathlib import Path

from dix.errors import BadModel, NotYet
from dix.frameworks.base import Predictor
from dix.frameworks.caffe.order import CaffeTrainer
from dix.frameworks.card import check_answers, read_card
from dix.frameworks.training import Trainer

_PLANNED = ("tensorflow",)


def load_predictor(folder: Path, threads: int = 1, gpus: float = 0.0) -> Predictor:
    """Load a model folder with the framework it was trained on.

    It answers on the GPU when `gpus` is more than 0 and there is one, on `threads` CPU threads otherwise.
    Raises BadModel when the folder does not hold a whole model, NotYet for a framework that is planned.
    """
    card = read_card(folder)
    check_answers(str(folder), card.format, card.loading)
    framework = card.framework
    if framework == "torch":
        from dix.frameworks.torch.predictor import load_torch_predictor

        return load_torch_predictor(folder, threads, gpus)
    if framework == "caffe":
        from dix.frameworks.caffe.predictor import load_caffe_predictor

        return load_caffe_predictor(folder, threads, gpus)
    if framework in _PLANNED:
        raise NotYet(f"answering with a {framework} model")
    raise BadModel(str(folder), f"its framework is {framework!r}, known are caffe, torch, {', '.join(_PLANNED)}")


def find_trainer(algorithm: str, framework: str) -> Trainer:
    """The trainer of an algorithm on a framework; NotYet where there is none so far."""
    if framework == "torch":
        from dix.frameworks.torch.nets import NETS
        from dix.frameworks.torch.train import train_net

        if algorithm in NETS:
            return train_net
    raise NotYet(f"training {algorithm} on {framework}")


def find_caffe_trainer() -> CaffeTrainer:
    """What trains by a user's own prototxts."""
    from dix.frameworks.caffe.training import train_caffe

    return train_caffe
