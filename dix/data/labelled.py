"""What every reader of training data hands over, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows
from dix.data.images import to_colour
from dix.data.tensors import to_bytes_or_floats
from dix.errors import BadData


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How images are read for training.

    `resize` brings each image to one size as soon as it is read; without it all must have one. `flat_size` is the
    (height, width) of images that are stored as one flat list of numbers. `memory_bytes` is what all of them may take;
    `threads` decode side by side. `bad_rows` counts what is left out of one data set.
    """

    label_column: str = "label"
    image_column: str = "image"
    resize: Callable[[NDArray[Any]], NDArray[Any]] | None = None
    flat_size: tuple[int, int] | None = None
    memory_bytes: int = 1 << 62
    threads: int = 1
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """`images` uint8 or float32, [n, h, w] for grey and [n, h, w, c] for colour; `labels` n texts."""

    images: NDArray[Any]
    labels: NDArray[Any]


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """Some images of one size, [n, h, w] or [n, h, w, c], and what to call them in a sentence."""

    name: str
    images: NDArray[Any]


class OneSize:
    """Sees whether images have the size of the first one, which is asked only where other ones may be left out."""

    def __init__(self, options: ImageOptions) -> None:
        self._options = options
        self._size: tuple[int, ...] | None = None

    def check(self, block: ImageBlock) -> None:
        """Raises BadData for another size."""
        if self._options.resize is not None or not self._options.bad_rows.are_tolerated:
            return
        self._size = self._size or block.images.shape[1:3]
        if block.images.shape[1:3] != self._size:
            height, width = self._size
            raise BadData(block.name, f"{_say_size(block.images)} pixels, but the first image is {width} x {height}")


def join_blocks(uri: str, blocks: Iterable[ImageBlock], options: ImageOptions) -> NDArray[Any]:
    """All images as one array; grey ones become coloured beside coloured ones.

    Raises BadData naming the first images of another size, and when they take more memory than there is.
    """
    kept: list[NDArray[Any]] = []
    size_bytes = 0
    for block in blocks:
        images = block.images if options.resize is None else np.stack([options.resize(one) for one in block.images])
        if kept and images.shape[1:3] != kept[0].shape[1:3]:
            raise BadData(
                block.name, f"{_say_size(images)} pixels, but the images before are {_say_size(kept[0])}",
                "set image_size to bring all to one size",
            )  # fmt: skip
        kept.append(images)
        size_bytes += images.nbytes
        if size_bytes > options.memory_bytes:
            raise BadData(
                uri, f"its images take more than the {options.memory_bytes >> 20} MiB of memory that the node has",
                "give the node more memory, or set a smaller image_size",
            )  # fmt: skip
    dtype = to_bytes_or_floats(kept)
    if len({images.ndim for images in kept}) > 1:
        kept = [to_colour(images) for images in kept]
    if len({images.shape[3:] for images in kept}) > 1:
        raise BadData(uri, "its images have different numbers of colours", "save them all in the same way")
    return np.concatenate(kept).astype(dtype, copy=False)


def _say_size(images: NDArray[Any]) -> str:
    return f"{images.shape[2]} x {images.shape[1]}"
