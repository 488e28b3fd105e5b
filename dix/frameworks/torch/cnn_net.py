"""The convolutional net: raw pixels in, one number a class out; normalising is its first layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from dix.frameworks.cnn_spec import CnnNet


class Normalize(nn.Module):
    """Raw pixels [n, h, w] or [n, h, w, c] to normalised floats [n, c, h, w]: (x / scale - mean) / std a colour."""

    factor: Tensor
    shift: Tensor

    def __init__(self, colours: int) -> None:
        super().__init__()
        self.colours = colours
        self.register_buffer("factor", torch.ones(colours))
        self.register_buffer("shift", torch.zeros(colours))

    def set_scaling(self, scale: float, mean: Sequence[float], std: Sequence[float]) -> None:
        """`mean` and `std` are of x / scale, one a colour."""
        self.factor.copy_(1.0 / (scale * torch.tensor(std)))
        self.shift.copy_(-torch.tensor(mean) / torch.tensor(std))

    def forward(self, pixels: Tensor) -> Tensor:
        if pixels.dim() == 3:
            pixels = pixels.unsqueeze(-1)
        return (pixels.to(self.factor.dtype) * self.factor + self.shift).permute(0, 3, 1, 2)


class ConvolutionalNet(nn.Module):
    """Blocks of convolution, batch norm, ReLU and halving; then one hidden layer and the classes.

    A block halves the image while both sides have at least two pixels; what is left is averaged down to at most
    4 x 4 places, so that the hidden layer stays small for large images.
    """

    def __init__(self, spec: CnnNet) -> None:
        super().__init__()
        self.normalize = Normalize(spec.colours)
        blocks: list[nn.Module] = []
        before, height, width = spec.colours, spec.height, spec.width
        for channels in spec.channels:
            blocks.append(nn.Conv2d(before, channels, spec.kernel, padding="same", bias=not spec.batch_norm))
            if spec.batch_norm:
                blocks.append(nn.BatchNorm2d(channels))
            blocks.append(nn.ReLU())
            if min(height, width) >= 2:
                blocks.append(nn.MaxPool2d(2))
                height, width = height // 2, width // 2
            before = channels
        if max(height, width) > 4:
            height, width = min(height, 4), min(width, 4)
            blocks.append(nn.AdaptiveAvgPool2d((height, width)))
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Flatten(), *_make_head(spec, before * height * width))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Raw pixels, the tensor `image`, to logits [n, classes]."""
        logits: Tensor = self.head(self.blocks(self.normalize(batch["image"])))
        return logits


def _make_head(spec: CnnNet, features: int) -> list[nn.Module]:
    if spec.hidden == 0:
        return [nn.Dropout(spec.dropout), nn.Linear(features, spec.classes)]
    return [
        nn.Linear(features, spec.hidden),
        nn.ReLU(),
        nn.Dropout(spec.dropout),
        nn.Linear(spec.hidden, spec.classes),
    ]
