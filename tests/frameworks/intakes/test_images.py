"""Images are brought to one size, and how to normalise them is found."""

from __future__ import annotations

import numpy as np
import pytest

from dix.frameworks.base import TensorSpec
from dix.frameworks.intakes.images import fit_images


def test_what_is_asked_is_the_raw_image() -> None:
    assert fit_images(np.zeros((2, 4, 5), np.uint8), resized=False).inputs == (
        TensorSpec("image", "UINT8", (-1, 4, 5)),
    )
    colour = fit_images(np.zeros((2, 4, 5, 3), np.float32), resized=True)
    assert colour.inputs == (TensorSpec("image", "FP32", (-1, -1, -1, 3)),)


def test_each_colour_has_its_mean_and_spread() -> None:
    chance = np.random.default_rng(0)
    images = chance.integers(0, 256, (5000, 2, 2, 3), dtype=np.uint8)
    images[..., 2] = 51
    intake = fit_images(images, resized=False)
    pixels = images.reshape(-1, 3) / 255
    assert intake.mean == pytest.approx(pixels.mean(axis=0).tolist())
    assert intake.std[:2] == pytest.approx(pixels.std(axis=0)[:2].tolist())
    assert (intake.scale, intake.std[2]) == (255.0, 1.0)


def test_any_size_is_brought_to_that_of_the_training() -> None:
    intake = fit_images(np.zeros((2, 4, 5), np.uint8), resized=True)
    images = np.empty(2, dtype=object)
    images[0], images[1] = np.zeros((9, 9), np.uint8), np.zeros((4, 5), np.uint8)
    assert intake.prepare({"image": images})["image"].shape == (2, 4, 5)
