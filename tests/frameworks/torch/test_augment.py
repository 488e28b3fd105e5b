"""Shifting moves images and repeats their edges."""

from __future__ import annotations

import pytest
import torch

from dix.frameworks.torch.augment import flip_images, shift_images


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_shifted_image_has_the_same_pixels_elsewhere(colours: tuple[int, ...]) -> None:
    images = torch.zeros((200, 9, 9, *colours), dtype=torch.uint8)
    images[:, 4, 4] = 255
    shifted = shift_images(images, 2, torch.Generator().manual_seed(0))
    assert shifted.shape == images.shape
    assert shifted.dtype == torch.uint8
    flat = shifted.reshape(200, 9, 9, -1)[..., 0]
    assert (flat.flatten(1).sum(1) == 255).all()
    rows, columns = torch.nonzero(flat)[:, 1], torch.nonzero(flat)[:, 2]
    assert set(rows.tolist()) == set(columns.tolist()) == {2, 3, 4, 5, 6}


def test_the_edge_is_repeated() -> None:
    images = torch.full((50, 4, 4), 7, dtype=torch.uint8)
    assert (shift_images(images, 3, torch.Generator().manual_seed(0)) == 7).all()


@pytest.mark.parametrize("colours", [(), (3,)])
def test_about_half_of_the_images_are_flipped(colours: tuple[int, ...]) -> None:
    chance = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (200, 3, 4, *colours), dtype=torch.uint8, generator=chance)
    flipped = flip_images(images, chance)
    is_same = (flipped == images).flatten(1).all(1)
    assert 70 < int(is_same.sum()) < 130
    assert (flipped[~is_same] == images[~is_same].flip(2)).all()
