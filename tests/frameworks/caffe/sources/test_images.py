from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.sources.images import decode_image, read_image, resize_bilinear

PIXELS = np.random.default_rng(0).integers(0, 256, (13, 17, 3), dtype=np.uint8)


def encode(kind: str, pixels: np.ndarray = PIXELS) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG"])
@pytest.mark.parametrize("is_color", [True, False, None])
def test_pixels_are_those_of_opencv(kind: str, *, is_color: bool | None) -> None:
    content = encode(kind)
    flags = {True: cv2.IMREAD_COLOR, False: cv2.IMREAD_GRAYSCALE, None: cv2.IMREAD_UNCHANGED}
    theirs = cv2.imdecode(np.frombuffer(content, np.uint8), flags[is_color])
    theirs = theirs.transpose(2, 0, 1) if theirs.ndim == 3 else theirs[None]
    np.testing.assert_array_equal(decode_image("x", content, is_color=is_color), theirs)


@pytest.mark.parametrize("size", [(7, 9), (26, 31), (13, 40), (1, 1), (14, 5)])
def test_a_resized_channel_is_that_of_opencv(size: tuple[int, int]) -> None:
    channel = np.ascontiguousarray(PIXELS[:, :, 0])
    theirs = cv2.resize(channel, size[::-1])
    off = np.abs(resize_bilinear(channel, size).astype(int) - theirs.astype(int))
    assert off.max() <= 1


def test_gray_images_and_those_with_alpha_keep_their_channels() -> None:
    assert decode_image("x", encode("PNG", PIXELS[:, :, 0]), is_color=None).shape == (1, 13, 17)
    alpha = np.concatenate([PIXELS, PIXELS[:, :, :1]], axis=2)
    assert decode_image("x", encode("PNG", alpha), is_color=None).shape == (4, 13, 17)


def test_files_are_read_and_resized_or_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode("PNG"))
    assert read_image(tmp_path / "a.png", (4, 5), is_color=True).shape == (3, 4, 5)
    assert read_image(tmp_path / "a.png", None, is_color=False).shape == (1, 13, 17)
    (tmp_path / "b.png").write_text("no image")
    with pytest.raises(BadData, match=r"b\.png: it cannot be read as an image"):
        read_image(tmp_path / "b.png", None, is_color=True)
    with pytest.raises(DataMissing, match=r"c\.png"):
        read_image(tmp_path / "c.png", None, is_color=True)
