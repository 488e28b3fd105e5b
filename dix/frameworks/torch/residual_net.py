"""A residual net of 18 layers: for images that a plain one of a few layers does not tell apart."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.torch.cnn_net import Normalize

_STAGES = (64, 128, 256, 512)
_SMALL = 64


class ResidualNet(nn.Module):
    """ResNet-18: a stem, four stages of two blocks, the average over the image, the classes.

    The stem quarters an image, unless one of its sides is smaller than 64 pixels: then it leaves the size as it is.
    """

    def __init__(self, spec: CnnNet) -> None:
        super().__init__()
        self.normalize = Normalize(spec.colours)
        is_small = min(spec.height, spec.width) < _SMALL
        self.stem = nn.Sequential(*_make_stem(spec.colours, is_small=is_small))
        blocks: list[nn.Module] = []
        before = _STAGES[0]
        for stage, channels in enumerate(_STAGES):
            blocks += [ResidualBlock(before, channels, 2 if stage else 1), ResidualBlock(channels, channels, 1)]
            before = channels
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(before, spec.classes))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Raw pixels, the tensor `image`, to logits [n, classes]."""
        images = self.blocks(self.stem(self.normalize(batch["image"])))
        logits: Tensor = self.head(images.mean((2, 3)))
        return logits


class ResidualBlock(nn.Module):
    """Two convolutions, and what came in added to what they say."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.long = nn.Sequential(
            nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.short: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            self.short = nn.Sequential(nn.Conv2d(before, after, 1, stride=stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, images: Tensor) -> Tensor:
        return torch.relu(self.long(images) + self.short(images))


def _make_stem(colours: int, *, is_small: bool) -> list[nn.Module]:
    kernel, stride = (3, 1) if is_small else (7, 2)
    layers: list[nn.Module] = [
        nn.Conv2d(colours, _STAGES[0], kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(_STAGES[0]),
        nn.ReLU(),
    ]
    return layers if is_small else [*layers, nn.MaxPool2d(3, stride=2, padding=1)]
