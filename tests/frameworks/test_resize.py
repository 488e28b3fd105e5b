"""Images keep their type and content when they change size."""

from __future__ import annotations

import numpy as np
import pytest

from dix.frameworks.resize import resize_image


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("colours", [(), (1,), (3,), (4,)])
def test_size_changes_and_nothing_else(dtype: type, colours: tuple[int, ...]) -> None:
    resized = resize_image(np.full((10, 20, *colours), 7, dtype), 5, 8)
    assert resized.shape == (5, 8, *colours)
    assert resized.dtype == dtype
    np.testing.assert_allclose(resized, 7)


def test_an_image_of_the_right_size_is_not_touched() -> None:
    image = np.zeros((3, 4), np.uint8)
    assert resize_image(image, 3, 4) is image


def test_shrinking_averages() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(255)
    assert np.abs(resize_image(board.astype(np.uint8), 8, 8).astype(int)[2:6, 2:6] - 127).max() <= 2
