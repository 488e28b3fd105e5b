"""The nets for spoken words as a design, with what their training changes by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from dix.frameworks.torch.design import Batch, Design
from dix.frameworks.torch.speech_net import SpectrogramCnn, SpectrogramLstm, SpeechNet
from dix.frameworks.training import TrainOrder

_NET_PARAMS = ("net", "mels", "channels", "hidden", "layers", "dropout")


def shift_moments(mels: Tensor, most: int, chance: torch.Generator) -> Tensor:
    """Each spectrogram [n, frames, mels] earlier or later by its own -most..most frames; the ends are repeated."""
    count, frames, _ = mels.shape
    moves = torch.randint(-most, most + 1, (count, 1), generator=chance).to(mels.device)
    places = (torch.arange(frames, device=mels.device) - moves).clamp_(0, frames - 1)
    return mels[torch.arange(count, device=mels.device)[:, None], places]


def mask_spectrograms(mels: Tensor, most: float, chance: torch.Generator) -> Tensor:
    """One run of bands and one of moments of each spectrogram at 0, its mean; each at most the share `most` long.

    As in SpecAugment (Park et al. 2019, arXiv:1904.08779), without its warping.
    """
    for axis in (1, 2):
        size = mels.shape[axis]
        draws = torch.rand((2, len(mels), 1), generator=chance).to(mels.device)
        width = draws[0] * most * size
        start = draws[1] * (size - width)
        places = torch.arange(size, device=mels.device)
        covered = (places >= start) & (places + 1 <= start + width)
        mels = mels.masked_fill(covered.unsqueeze(3 - axis), 0.0)
    return mels


def _plan(order: TrainOrder) -> SpeechNet:
    params = {name: order.params[name] for name in _NET_PARAMS if name in order.params}
    return SpeechNet(classes=order.outcome.width, **params)


def _build(spec: SpeechNet, _: Mapping[str, Any]) -> nn.Module:
    return SpectrogramLstm(spec) if spec.net == "lstm" else SpectrogramCnn(spec)


def _augment(batch: Batch, params: Mapping[str, Any], chance: torch.Generator) -> Batch:
    mels = batch["mel"]
    if params.get("augment_shift", 0):
        mels = shift_moments(mels, params["augment_shift"], chance)
    if params.get("augment_noise", 0):
        mels = mels + torch.randn(mels.shape, generator=chance).to(mels.device) * params["augment_noise"]
    if params.get("augment_mask", 0):
        mels = mask_spectrograms(mels, params["augment_mask"], chance)
    return {"mel": mels}


SPEECH = Design(spec=SpeechNet, plan=_plan, build=_build, augment=_augment)
