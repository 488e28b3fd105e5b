"""Clips: frames of one size and number, normalised inside the net, where that is quickest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake


@dataclass(frozen=True, slots=True)
class ClipsIntake:
    """One input `video`, UINT8 [n, frames, h, w] for grey (`colours` 0) and [n, frames, h, w, colours] otherwise.

    The net itself makes of a pixel x / 255, less `mean`, by `std`: one of each a colour.
    """

    KIND: ClassVar[str] = "clips"

    frames: int
    height: int
    width: int
    colours: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        colours = (self.colours,) if self.colours else ()
        return (TensorSpec("video", "UINT8", (-1, self.frames, self.height, self.width, *colours)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        return {"video": columns["video"]}


def fit_clips(clips: NDArray[np.uint8]) -> ClipsIntake:
    """The intake for a training with `clips` [n, frames, h, w(, c)]; a colour that never changes has std 1."""
    colours = clips.shape[4] if clips.ndim == 5 else 0
    total, squares = np.zeros(max(1, colours)), np.zeros(max(1, colours))
    for clip in clips:
        pixels = clip.reshape(-1, max(1, colours)).astype(np.float64) / 255.0
        total += pixels.sum(axis=0)
        squares += np.square(pixels).sum(axis=0)
    count = clips.size // max(1, colours)
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0.0))
    std[std < 1e-6] = 1.0
    frames, height, width = clips.shape[1:4]
    return ClipsIntake(frames, height, width, colours, tuple(mean.tolist()), tuple(std.tolist()))


_: type[Intake] = ClipsIntake
