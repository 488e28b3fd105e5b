"""What happens to an image on its way into a net: crop, mean, scale, mirror."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.caffe.blobs import Array
from dix.frameworks.caffe.files import read_mean
from dix.frameworks.caffe.layers.base import Layer


class Transformer:
    """The TransformationParameter of a data layer; crops and mirrors by chance while training only.

    `y = (x - mean) * scale`. A mean file has the size of the whole image and is cropped with it. Raises BadData for
    parameters that do not fit the images.
    """

    def __init__(self, layer: Layer, chance: np.random.Generator) -> None:
        self._layer = layer
        self._param: Any = layer.spec.transform_param
        self._chance = chance
        if self._param.HasField("mean_file") and self._param.mean_value:
            raise layer.fail("it has both mean_file and mean_value", "keep one of them")
        self._mean_image = (
            read_mean(layer.paths.find(self._param.mean_file)) if self._param.HasField("mean_file") else None
        )

    def find_shape(self, image: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that an image [channels, height, width] leaves with."""
        crop = self._param.crop_size
        return (image[0], crop, crop) if crop else image

    def apply(self, images: Sequence[NDArray[Any]]) -> Array:
        """A batch of images of one shape."""
        shape = self.find_shape(images[0].shape)
        batch = np.empty((len(images), *shape), dtype=np.float32)
        for i, image in enumerate(images):
            if self.find_shape(image.shape) != shape:
                raise self._layer.fail(
                    f"an image has shape {list(image.shape)}, those before it {list(images[0].shape)}",
                    "resize the images to one size, or crop them",
                )
            self._apply_one(image, batch[i])
        if self._param.scale != 1:
            batch *= np.float32(self._param.scale)
        return batch

    def _apply_one(self, image: NDArray[Any], out: Array) -> None:
        top, left = self._choose_place(image.shape)
        height, width = out.shape[1:]
        out[...] = image[:, top : top + height, left : left + width]
        mean = self._find_mean(image.shape)
        if mean is not None:
            out -= mean[:, top : top + height, left : left + width] if mean.ndim == 3 and mean.shape[1] > 1 else mean
        if self._param.mirror and self._chance.integers(2):
            out[...] = out[:, :, ::-1].copy()

    def _choose_place(self, image: tuple[int, ...]) -> tuple[int, int]:
        crop = self._param.crop_size
        if not crop:
            return 0, 0
        room = image[1] - crop, image[2] - crop
        if min(room) < 0:
            raise self._layer.fail(f"an image of {image[1]} x {image[2]} is smaller than crop_size {crop}")
        if self._layer.is_training:
            return int(self._chance.integers(room[0] + 1)), int(self._chance.integers(room[1] + 1))
        return room[0] // 2, room[1] // 2

    def _find_mean(self, image: tuple[int, ...]) -> Array | None:
        if self._mean_image is not None:
            if self._mean_image.shape != image:
                raise self._layer.fail(
                    f"the mean has shape {list(self._mean_image.shape)}, an image {list(image)}",
                    "make it of these images",
                )
            return self._mean_image
        values = list(self._param.mean_value)
        if not values:
            return None
        if len(values) not in {1, image[0]}:
            raise self._layer.fail(f"{len(values)} mean_value for {image[0]} channels", "give one, or one for each")
        return np.array(values, dtype=np.float32).reshape(-1, 1, 1)
