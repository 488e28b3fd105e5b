"""A convolutional net that Caffe's solver trained, answering batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dix.errors import BadModel
from dix.frameworks.base import Columns, ModelCard, Predictor
from dix.frameworks.caffe.blobs import Array
from dix.frameworks.caffe.cnn.feed import make_feed
from dix.frameworks.caffe.cnn.net_text import IMAGES, SCORES
from dix.frameworks.caffe.net import Net
from dix.frameworks.checking import check_input
from dix.frameworks.intakes.images import ImagesIntake
from dix.frameworks.intakes.lookup import read_intake
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.lookup import read_outcome

_PASS = 64


class CnnPredictor:
    """A net in its test phase; see `Predictor`."""

    def __init__(self, card: ModelCard, intake: ImagesIntake, net: Net, outcome: Outcome) -> None:
        self._card = card
        self._intake = intake
        self._feed = make_feed(intake)
        self._net = net
        self._outcome = outcome

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        (spec,) = self._card.inputs
        raw = check_input(spec, columns)
        if not len(raw):
            return self._outcome.decode(np.zeros((0, self._outcome.width), dtype=np.float32))
        images = self._intake.prepare({spec.name: raw})[spec.name]
        said = [self._ask(images[start : start + _PASS]) for start in range(0, len(images), _PASS)]
        return self._outcome.decode(np.concatenate(said))

    def _ask(self, images: NDArray[Any]) -> Array:
        with torch.inference_mode():
            self._net.hand_over(IMAGES, torch.from_numpy(np.ascontiguousarray(self._feed.prepare(images))))
            said: Array = self._net.forward()[SCORES].cpu().numpy()
        return said


def make_cnn_predictor(folder: Path, card: ModelCard, net: Net) -> Predictor:
    """The predictor of a model folder whose card and net were read; raises BadModel where they do not fit."""
    uri = str(folder)
    intake, outcome = read_intake(uri, card), read_outcome(uri, card)
    if not isinstance(intake, ImagesIntake):
        raise BadModel(uri, "its preprocessing is not that of images")
    shape = (max(1, intake.colours), *intake.size)
    if net.inputs.get(IMAGES, ())[1:] != shape or net.shapes.get(SCORES, ())[1:] != (outcome.width,):
        raise BadModel(uri, "model.json speaks of other images or classes than its net")
    return CnnPredictor(card, intake, net, outcome)
