"""Shifting and flipping move pixels, and change none."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dix.frameworks.tensorflow.augment import flip_images, shift_images


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_shifted_image_has_the_same_pixels_elsewhere(colours: tuple[int, ...]) -> None:
    images = np.zeros((200, 9, 9, *colours), np.uint8)
    images[:, 4, 4] = 255
    shifted = shift_images(tf.constant(images), 2, tf.random.Generator.from_seed(0)).numpy()
    assert (shifted.shape, shifted.dtype) == (images.shape, images.dtype)
    flat = shifted.reshape(200, 9, 9, -1)[..., 0]
    assert (flat.reshape(200, -1).sum(1) == 255).all()
    _, rows, columns = np.nonzero(flat)
    assert set(rows) == set(columns) == {2, 3, 4, 5, 6}


@pytest.mark.parametrize("colours", [(), (3,)])
def test_about_half_of_the_images_are_flipped(colours: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (200, 3, 4, *colours), dtype=np.uint8)
    flipped = flip_images(tf.constant(images), tf.random.Generator.from_seed(0)).numpy()
    is_same = np.array([np.array_equal(one, other) for one, other in zip(flipped, images, strict=True)])
    assert 70 < is_same.sum() < 130
    np.testing.assert_array_equal(flipped[~is_same], images[~is_same][:, :, ::-1])
