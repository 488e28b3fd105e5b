"""A trained torch net that answers batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dix.errors import BadModel
from dix.frameworks.base import Columns, ModelCard, Predictor
from dix.frameworks.card import read_card
from dix.frameworks.checking import check_input
from dix.frameworks.resize import resize_image
from dix.frameworks.torch.cnn_net import CnnNet, ConvolutionalNet
from dix.frameworks.torch.device import choose_device, use_mixed_precision
from dix.frameworks.torch.saving import load_weights

# As many images a pass: enough to fill the cores, few enough to stay in their caches.
_PASS = 128


class TorchPredictor:
    """A net in evaluation mode, on the device that it lies on; see `Predictor`."""

    def __init__(self, card: ModelCard, net: torch.nn.Module, device: torch.device) -> None:
        self._card = card
        self._net = net
        self._device = device
        self._labels = np.array(card.labels, dtype=object)

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        images = check_input(self._card.inputs[0], columns)
        resize = self._card.preprocessing.get("resize")
        if resize is not None:
            images = np.stack([resize_image(image, *resize) for image in images]) if len(images) else images
        if len(images) == 0:
            probabilities = np.zeros((0, len(self._labels)), dtype=np.float32)
        else:
            probabilities = self._compute(images)
        return {"label": self._labels[probabilities.argmax(axis=1)], "probabilities": probabilities}

    def _compute(self, images: NDArray[Any]) -> NDArray[np.float32]:
        # What comes straight out of an Arrow table is read-only, which torch does not take.
        pixels = torch.from_numpy(np.require(images, requirements=["C", "W"]))
        with torch.inference_mode(), use_mixed_precision(self._device):
            logits = [self._net(part.to(self._device)) for part in torch.split(pixels, _PASS)]
            joined = logits[0] if len(logits) == 1 else torch.cat(logits)
            return torch.softmax(joined.float(), dim=1).cpu().numpy()


def load_torch_predictor(folder: Path, threads: int = 1, gpus: float = 0.0) -> Predictor:
    """Load a model folder that torch wrote; raises BadModel. Sets the number of torch's threads of this process."""
    card = read_card(folder)
    if card.algorithm != "cnn":
        raise BadModel(str(folder), f"a torch model of the algorithm {card.algorithm!r} is not known")
    try:
        spec = CnnNet.model_validate(card.net)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadModel(str(folder), f"net.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if len(card.labels) != spec.classes or len(card.inputs) != 1:
        raise BadModel(str(folder), f"model.json has {len(card.labels)} labels for {spec.classes} classes")
    device = choose_device(threads, gpus)
    with torch.device("meta"):
        net = ConvolutionalNet(spec)
    load_weights(folder, net)
    return TorchPredictor(card, _fuse(net.eval()).to(device), device)


def _fuse(net: ConvolutionalNet) -> ConvolutionalNet:
    """Fold each batch norm into the convolution before it: the same answers with half of the passes over memory."""
    blocks = list(net.blocks)
    fused: list[torch.nn.Module] = []
    for block in blocks:
        if isinstance(block, torch.nn.BatchNorm2d):
            fused[-1] = fuse_conv_bn_eval(fused[-1], block)  # type: ignore[type-var]  # the one before is a Conv2d
        else:
            fused.append(block)
    net.blocks = torch.nn.Sequential(*fused)
    return net
