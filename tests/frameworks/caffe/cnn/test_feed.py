"""Images come in with Caffe's axes, colours, mean and scale."""

from __future__ import annotations

import numpy as np

from dix.frameworks.caffe.cnn.feed import make_feed, to_channels
from dix.frameworks.intakes.images import fit_images

CHANCE = np.random.default_rng(0)


def test_colours_come_first_and_blue_before_red() -> None:
    assert to_channels(np.zeros((2, 4, 5))).shape == (2, 1, 4, 5)
    colours = CHANCE.integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    np.testing.assert_array_equal(to_channels(colours)[:, 0], colours[..., 2])
    four = CHANCE.integers(0, 256, (2, 4, 5, 4), dtype=np.uint8)
    np.testing.assert_array_equal(to_channels(four)[:, 0], four[..., 0])


def test_each_colour_loses_its_mean_and_all_share_one_scale() -> None:
    images = CHANCE.integers(0, 256, (50, 4, 5, 3), dtype=np.uint8)
    images[..., 0] //= 2
    prepared = make_feed(fit_images(images, resized=False)).prepare(images)
    np.testing.assert_allclose(prepared.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    spreads = prepared.std(axis=(0, 2, 3))
    np.testing.assert_allclose(spreads[2] / spreads[0], images[..., 0].std() / images[..., 2].std(), rtol=1e-5)


def test_numbers_that_are_no_pixels_are_taken_as_they_are() -> None:
    images = CHANCE.normal(5, 2, (50, 4, 5)).astype(np.float32)
    prepared = make_feed(fit_images(images, resized=False)).prepare(images)
    np.testing.assert_allclose([prepared.mean(), prepared.std()], [0, 1], atol=1e-5)
