"""How images come into the net: Caffe's order of axes and colours, Caffe's mean and scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.caffe.blobs import Array
from dix.frameworks.intakes.images import ImagesIntake


@dataclass(frozen=True, slots=True)
class Feed:
    """A pixel comes in as (x - mean) * scale: a mean for each channel, as they come in, and one scale for all."""

    mean: tuple[float, ...]
    scale: float

    def prepare(self, images: NDArray[Any]) -> Array:
        """Images as they are stored, [n, h, w] or [n, h, w, c], as the net takes them to answer."""
        blob = to_channels(images).astype(np.float32)
        blob -= np.array(self.mean, dtype=np.float32).reshape(-1, 1, 1)
        blob *= np.float32(self.scale)
        return blob


def make_feed(intake: ImagesIntake) -> Feed:
    """The feed that does what the intake found: Caffe has one scale only, so colours share the mean of their `std`."""
    mean = np.array(intake.mean) * intake.scale
    scale = 1.0 / (intake.scale * float(np.mean(intake.std)))
    return Feed(tuple(_put_blue_first(mean).tolist()), float(np.float32(scale)))


def to_channels(images: NDArray[Any]) -> NDArray[Any]:
    """Images [n, h, w] or [n, h, w, c] as [n, c, h, w], blue before red."""
    if images.ndim == 3:
        return images[:, None]
    return _put_blue_first(images.transpose(0, 3, 1, 2).swapaxes(0, 1)).swapaxes(0, 1)


def _put_blue_first(values: NDArray[Any]) -> NDArray[Any]:
    """Three colours, along the first axis, the other way round."""
    return values[::-1] if len(values) == 3 else values
