"""Change images a little while training, so that the net learns what does not matter."""

from __future__ import annotations

import torch
from torch import Tensor


def shift_images(images: Tensor, most: int, chance: torch.Generator) -> Tensor:
    """Each image [n, h, w(, c)] moved by its own -most..most pixels down and right; the edge is repeated.

    `chance` draws the distances and lies on the CPU.
    """
    count, height, width = images.shape[:3]
    moves = torch.randint(-most, most + 1, (2, count, 1), generator=chance).to(images.device)
    rows = (torch.arange(height, device=images.device) - moves[0]).clamp_(0, height - 1)
    columns = (torch.arange(width, device=images.device) - moves[1]).clamp_(0, width - 1)
    each = torch.arange(count, device=images.device)[:, None, None]
    return images[each, rows[:, :, None], columns[:, None, :]]


def flip_images(images: Tensor, chance: torch.Generator) -> Tensor:
    """Half of the images [n, h, w(, c)], by chance, with left and right exchanged; `chance` lies on the CPU."""
    is_flipped = (torch.rand(len(images), generator=chance) < 0.5).to(images.device)
    return torch.where(is_flipped.reshape(-1, *[1] * (images.dim() - 1)), images.flip(2), images)
