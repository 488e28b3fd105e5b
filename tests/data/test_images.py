"""Images become pixels, or a sentence."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dix.data.images import decode_image, to_colour
from dix.errors import BadData


def encode(image: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


GREY = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4))


def test_grey_stays_grey() -> None:
    pixels = decode_image(encode(GREY), "x.png")
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, np.arange(12).reshape(3, 4))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
def test_colour_is_three_bytes_a_pixel(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert decode_image(encode(GREY.convert("RGB").convert(mode), kind), "x").shape == (3, 4, 3)


def test_colours_can_be_asked_for() -> None:
    assert decode_image(encode(GREY), "x", colours=3).shape == (3, 4, 3)
    assert decode_image(encode(GREY.convert("RGB")), "x", colours=1).shape == (3, 4)


def test_text_is_no_image() -> None:
    with pytest.raises(BadData, match=r"a/1\.png: the file is not an image; it holds text"):
        decode_image(b"hello", "a/1.png")


def test_an_empty_file_is_no_image() -> None:
    with pytest.raises(BadData, match="it is empty"):
        decode_image(b"", "a/1.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_cut_image_is_damaged(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8))
    content = encode(noise, kind)
    with pytest.raises(BadData, match=r"1\.png: the image is damaged"):
        decode_image(content[: len(content) // 2], "1.png")


def test_sixteen_bits_are_refused_rather_than_clipped() -> None:
    with pytest.raises(BadData, match="more than 8 bits"):
        decode_image(encode(Image.fromarray(np.full((2, 2), 40_000, np.uint16))), "1.png")


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(BadData, match="too many pixels"):
        decode_image(encode(GREY), "1.png")


def test_grey_images_become_coloured() -> None:
    assert to_colour(np.zeros((2, 3, 4))).shape == (2, 3, 4, 3)
    assert to_colour(np.zeros((2, 3, 4, 3))).shape == (2, 3, 4, 3)
