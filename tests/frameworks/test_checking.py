"""A model is asked only what its card says it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.checking import check_input, describe

IMAGE = TensorSpec("image", "UINT8", (-1, 2, 3))
ANY = TensorSpec("image", "UINT8", (-1, -1, -1))


def test_the_right_array_is_taken_as_it_is() -> None:
    values = np.zeros((4, 2, 3), np.uint8)
    assert check_input(IMAGE, {"image": values, "other": values}) is values


@pytest.mark.parametrize("dtype", [np.int64, np.float64, bool])
def test_numbers_that_mean_the_same_are_taken(dtype: Any) -> None:
    taken = check_input(IMAGE, {"image": np.ones((1, 2, 3), dtype)})
    assert taken.dtype == np.uint8
    assert taken.sum() == 6


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((4, 3, 2), np.uint8), r"image: expected UINT8 \[n, 2, 3\], got 'shape \[4, 3, 2\]'"),
        (np.zeros((2, 3), np.uint8), r"shape \[2, 3\]"),
        (np.full((1, 2, 3), 256), "values from 256 to 256"),
        (np.full((1, 2, 3), -1), "values from -1 to -1"),
        (np.full((1, 2, 3), 0.5), "values that are not whole numbers"),
        (np.full((1, 2, 3), np.nan), "values from nan to nan"),
        (np.full((1, 2, 3), "a"), "values of type <U1"),
    ],
)
def test_what_does_not_fit_is_said(values: Any, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        check_input(IMAGE, {"image": values})


def test_a_missing_input_names_those_that_came() -> None:
    with pytest.raises(BadValue, match=r"image: expected an input of this name, UINT8 \[n, 2, 3\], got \['picture'\]"):
        check_input(IMAGE, {"picture": np.zeros(1)})


def test_images_of_their_own_sizes_are_taken_where_sizes_are_free() -> None:
    values = np.empty(2, dtype=object)
    values[0], values[1] = np.zeros((2, 3), np.uint8), np.zeros((4, 4), np.int64)
    taken = check_input(ANY, {"image": values})
    assert [(image.shape, image.dtype) for image in taken] == [((2, 3), np.uint8), ((4, 4), np.uint8)]
    with pytest.raises(BadValue):
        check_input(IMAGE, {"image": values})


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(BadValue):
        check_input(ANY, {"image": np.zeros((1, 0, 4), np.uint8)})


def test_tensors_are_described_in_words() -> None:
    assert describe(ANY) == "UINT8 [n, any, any]"
