"""A Caffe net that answers batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dix.errors import BadModel, BadValue
from dix.frameworks.base import Columns, ModelCard, Predictor
from dix.frameworks.caffe.blobs import Array
from dix.frameworks.caffe.cnn.predictor import make_cnn_predictor
from dix.frameworks.caffe.files import read_mean
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.saving import load_net
from dix.frameworks.caffe.sources.images import resize_bilinear
from dix.frameworks.card import read_card
from dix.frameworks.checking import check_input

# As many items a pass: enough to fill the cores, few enough to keep all blobs of a large net in memory.
_PASS = 64


class CaffePredictor:
    """A net in its test phase; see `Predictor`."""

    def __init__(self, card: ModelCard, net: Net, mean: Array | None) -> None:
        self._card = card
        self._net = net
        self._mean = mean
        self._labels = np.array(card.labels, dtype=object)

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        values = check_input(self._card.inputs[0], columns)
        parts = [self._compute(values[start : start + _PASS]) for start in range(0, len(values), _PASS)]
        shape = self._card.outputs[-1].shape[1:]
        answers = np.concatenate(parts) if parts else np.zeros((0, *shape), dtype=np.float32)
        if not self._card.labels:
            return {self._card.outputs[0].name: answers}
        return {"label": self._labels[answers.argmax(axis=1)], "probabilities": answers}

    def _compute(self, values: NDArray[Any]) -> Array:
        blob = self._prepare(values) if self._card.inputs[0].name == "image" else np.asarray(values, np.float32)
        with torch.inference_mode():
            self._net.hand_over(self._card.net["input"], torch.from_numpy(np.require(blob, requirements=["C", "W"])))
            answers: Array = self._net.forward()[self._card.net["output"]].cpu().numpy()
        return answers.reshape(len(answers), -1) if self._card.labels else answers

    def _prepare(self, images: Sequence[NDArray[Any]] | NDArray[Any]) -> Array:
        """Raw pixels as the data layer delivered them: channels first, blue first, cropped, less the mean, scaled."""
        return np.stack([self._prepare_one(image) for image in images])

    def _prepare_one(self, image: NDArray[Any]) -> Array:
        pixels = image[None] if image.ndim == 2 else image[:, :, ::-1].transpose(2, 0, 1)
        resize = self._card.preprocessing.get("resize")
        if resize and list(pixels.shape[1:]) != list(resize):
            pixels = np.stack([resize_bilinear(channel, (resize[0], resize[1])) for channel in pixels])
        blob = pixels.astype(np.float32)
        if self._mean is not None:
            blob -= self._mean
        crop = self._card.preprocessing.get("crop")
        if crop:
            top, left = (blob.shape[1] - crop[0]) // 2, (blob.shape[2] - crop[1]) // 2
            if min(top, left) < 0:
                raise BadValue("image", f"images of at least {crop[0]} x {crop[1]}", list(blob.shape[1:]))
            blob = blob[:, top : top + crop[0], left : left + crop[1]]
        return blob * np.float32(self._card.preprocessing.get("scale", 1.0))


def load_caffe_predictor(folder: Path, threads: int = 1, gpus: float = 0.0) -> Predictor:
    """Load a model folder that Caffe wrote; raises BadModel. Sets the number of torch's threads of this process."""
    card = read_card(folder)
    torch.set_num_threads(max(1, threads))
    net = load_net(folder, "cuda" if gpus > 0 and torch.cuda.is_available() else "cpu")
    if card.algorithm == "cnn":
        return make_cnn_predictor(folder, card, net)
    if card.net.get("output") not in net.shapes or card.net.get("input") not in net.inputs or len(card.inputs) != 1:
        raise BadModel(str(folder), "model.json names an input or an output that the net does not have")
    return CaffePredictor(card, net, _read_mean(folder, card))


def _read_mean(folder: Path, card: ModelCard) -> Array | None:
    named = card.preprocessing.get("mean_file")
    if named:
        return read_mean(folder / Path(str(named)).name)
    values = card.preprocessing.get("mean")
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1) if values else None
