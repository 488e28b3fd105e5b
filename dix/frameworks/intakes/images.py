"""Images: brought to one size if the training was, and normalised inside the net, where that is quickest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake
from dix.frameworks.resize import resize_image


@dataclass(frozen=True, slots=True)
class ImagesIntake:
    """One input `image`, UINT8 or FP32, [n, h, w] for grey (`colours` 0) and [n, h, w, colours] otherwise.

    `size` is (height, width). With `resize` images of any size are brought to it. The net itself makes of a pixel
    x / scale, less `mean`, by `std`: one of each a colour.
    """

    KIND: ClassVar[str] = "images"

    datatype: str
    size: tuple[int, int]
    colours: int
    resize: tuple[int, int] | None
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        size = (-1, -1) if self.resize is not None else self.size
        colours = (self.colours,) if self.colours else ()
        return (TensorSpec("image", self.datatype, (-1, *size, *colours)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        images = columns["image"]
        if self.resize is not None:
            height, width = self.resize
            images = np.stack([resize_image(image, height, width) for image in images])
        return {"image": images}


def fit_images(images: NDArray[Any], *, resized: bool) -> ImagesIntake:
    """The intake for a training with `images` [n, h, w] or [n, h, w, c], uint8 or float32; a colour that never changes
    has std 1.
    """
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    colours = images.shape[3] if images.ndim == 4 else 0
    total, squares = np.zeros(max(1, colours)), np.zeros(max(1, colours))
    for start in range(0, len(images), 4096):
        pixels = images[start : start + 4096].reshape(-1, max(1, colours)).astype(np.float64) / scale
        total += pixels.sum(axis=0)
        squares += np.square(pixels).sum(axis=0)
    count = images.size // max(1, colours)
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0.0))
    std[std < 1e-6] = 1.0
    size = (images.shape[1], images.shape[2])
    return ImagesIntake(
        datatype="UINT8" if images.dtype == np.uint8 else "FP32",
        size=size,
        colours=colours,
        resize=size if resized else None,
        scale=scale,
        mean=tuple(mean.tolist()),
        std=tuple(std.tolist()),
    )


_: type[Intake] = ImagesIntake
