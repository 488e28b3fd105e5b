"""Decode and resize images to the very pixels OpenCV would give Caffe: channels first, blue before red."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dix.errors import BadData
from dix.frameworks.caffe.files import read_bytes

Pixels = NDArray[np.uint8]

# OpenCV's fixed-point weights of bilinear resizing: 11 bits.
_ONE = 1 << 11


def read_image(path: Path, size: tuple[int, int] | None, *, is_color: bool) -> Pixels:
    """An image file as [channels, height, width], resized to `size` (height, width) unless None."""
    pixels = decode_image(str(path), read_bytes(path), is_color=is_color)
    if size is None or pixels.shape[1:] == size:
        return pixels
    return np.stack([resize_bilinear(channel, size) for channel in pixels])


def decode_image(uri: str, content: bytes, *, is_color: bool | None) -> Pixels:
    """An encoded image as [channels, height, width]; with `is_color` None as many channels as it has itself.

    Raises BadData for what is no image.
    """
    try:
        image = Image.open(io.BytesIO(content))
        if is_color is False and image.format == "JPEG":
            image.draft("L", image.size)
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadData(uri, f"it cannot be read as an image ({error})", "take it out, or replace it") from error
    if is_color is None:
        return _put_blue_first(image if image.mode in {"L", "RGB", "RGBA"} else _open_palette(image))
    if is_color:
        return _put_blue_first(image.convert("RGB"))
    return _gray(image)


def resize_bilinear(channel: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize [height, width] as OpenCV's INTER_LINEAR does for bytes, rounding in the same places."""
    rows, row_weights = _plan(channel.shape[0], size[0])
    columns, column_weights = _plan(channel.shape[1], size[1])
    wide = channel.astype(np.int64)
    across = wide[:, columns[0]] * column_weights[0] + wide[:, columns[1]] * column_weights[1]
    upper, lower = across[rows[0]] >> 4, across[rows[1]] >> 4
    mixed = ((row_weights[0][:, None] * upper) >> 16) + ((row_weights[1][:, None] * lower) >> 16)
    resized: Pixels = np.clip((mixed + 2) >> 2, 0, 255).astype(np.uint8)
    return resized


def _plan(old: int, new: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two places each new one is made of, and their weights."""
    scale = old / new
    centres = ((np.arange(new) + 0.5) * scale - 0.5).astype(np.float32)
    first = np.floor(centres).astype(np.int64)
    part = centres - first.astype(np.float32)
    part[first < 0] = 0
    first = np.maximum(first, 0)
    part[first >= old - 1] = 0
    first = np.minimum(first, old - 1)
    second = np.minimum(first + 1, old - 1)
    weights = np.stack([np.rint((1 - part) * _ONE), np.rint(part * _ONE)]).astype(np.int64)
    return np.stack([first, second]), weights


def _put_blue_first(image: Any) -> Pixels:
    pixels = np.asarray(image)
    if pixels.ndim == 2:
        return pixels[None]
    order = [2, 1, 0, *range(3, pixels.shape[2])]
    return np.ascontiguousarray(pixels[:, :, order].transpose(2, 0, 1))


def _open_palette(image: Any) -> Any:
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _gray(image: Any) -> Pixels:
    """One channel; the weights are those of the reader OpenCV has for the format."""
    if image.mode == "L":
        return np.asarray(image)[None]
    red, green, blue = np.asarray(image.convert("RGB")).astype(np.int64).transpose(2, 0, 1)
    if image.format == "PNG":
        gray = (red * 9797 + green * 19234 + blue * 3737) >> 15
    else:
        gray = (red * 4899 + green * 9617 + blue * 1868 + 8192) >> 14
    pixels: Pixels = gray.astype(np.uint8)[None]
    return pixels
