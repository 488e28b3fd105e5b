"""Bring an image to another size: the one way of doing it, in training and in answering alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def resize_image(image: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """An image [h, w] or [h, w, c], uint8 or float32, as [height, width(, c)] of the same type.

    Bilinear with a filter as wide as the reduction, so that shrinking does not alias.
    """
    if image.shape[:2] == (height, width):
        return image
    if image.ndim == 2 or (image.dtype == np.uint8 and image.shape[2] == 3):
        return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
    planes = [resize_image(np.ascontiguousarray(image[:, :, i]), height, width) for i in range(image.shape[2])]
    return np.stack(planes, axis=2)
