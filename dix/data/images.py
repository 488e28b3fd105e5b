"""Turn image files into arrays of pixels."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dix.data.formats import sniff_formats
from dix.errors import BadData

_GREY_MODES = ("1", "L", "LA", "La")
_WIDE_MODES = ("I", "I;16", "I;16B", "I;16L", "F")


def decode_image(content: bytes, uri: str, colours: int | None = None) -> NDArray[np.uint8]:
    """The pixels of an encoded image, uint8: [h, w] for grey, [h, w, 3] otherwise.

    `colours` asks for 1 or 3, whatever the file has; transparency is dropped. Raises BadData naming the file when it
    is no image, cut off, has more than eight bits a colour, or is so large that it looks like an attack.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                if image.mode in _WIDE_MODES:
                    raise BadData(uri, f"the image has more than 8 bits a pixel (mode {image.mode})", "save it with 8")
                grey = image.mode in _GREY_MODES if colours is None else colours == 1
                return np.asarray(image.convert("L" if grey else "RGB"))
    except UnidentifiedImageError as error:
        raise BadData(uri, f"the file is not an image; {_guess(content)}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadData(uri, "the image has too many pixels to be opened safely", "make it smaller") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise BadData(uri, f"the image is damaged ({error})") from error


def to_colour(images: NDArray[Any]) -> NDArray[Any]:
    """Grey images [n, h, w] as [n, h, w, 3]; those in colour as they are."""
    return np.repeat(images[..., None], 3, axis=3) if images.ndim == 3 else images


def _guess(content: bytes) -> str:
    if not content:
        return "it is empty"
    formats = sniff_formats(content[:4096])
    return f"it holds {formats[0]}" if formats and formats[0] != "images" else "its content is not known"
