"""Turn video files, moving pictures, arrays and folders of frames into clips: so many frames of one size."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from dix.data.formats import sniff_formats
from dix.data.images import decode_image
from dix.data.media import Medium, Unit
from dix.errors import BadData
from dix.store.listing import StoredFile

_FRAME_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
# A frame with more pixels than this looks like an attack; 8K has 33 million.
_MOST_PIXELS = 64_000_000
# While a clip is read, so many times the wanted frames are held.
_KEPT = 16


@dataclass(frozen=True, slots=True)
class Clips:
    """Clips of `frames`, evenly taken, of one size; `colours` is 3, or 0 for grey.

    A clip is a video file, a moving GIF, WebP or PNG, an array [frames, h, w(, 3)] in .npy, or, two folders deep, a
    folder of images.
    """

    frames: int
    height: int
    width: int
    colours: int

    @property
    def word(self) -> str:
        return "clip"

    @property
    def formats(self) -> tuple[str, ...]:
        return ("video", "images", "numpy")

    def list_units(self, files: Sequence[StoredFile]) -> list[Unit]:
        units: dict[str, list[StoredFile]] = {}
        for file in files:
            path = PurePosixPath(file.path)
            is_frame = len(path.parts) > 2 and path.suffix.lower() in _FRAME_ENDINGS
            units.setdefault(f"{path.parent}/" if is_frame else file.path, []).append(file)
        return [tuple(unit) for unit in units.values()]

    def decode(self, contents: Sequence[bytes], uri: str) -> NDArray[Any]:
        if len(contents) > 1:
            places = _spread(len(contents), self.frames)
            return np.stack([self._fit(decode_image(contents[place], uri), uri) for place in places])
        content = contents[0]
        formats = sniff_formats(content[:4096])
        if "numpy" in formats:
            return self.accept(_load_array(content, uri), uri)
        if "images" in formats:
            return self._choose(_read_pictures(content, uri), uri)
        if "video" in formats:
            return self._choose(_read_video(content, uri), uri)
        what = "is empty" if not content else f"holds {formats[0]}" if formats else "has a content that is not known"
        raise BadData(uri, f"the file is not a clip; it {what}")

    def accept(self, values: NDArray[Any], uri: str) -> NDArray[Any]:
        if values.ndim not in (3, 4) or 0 in values.shape or (values.ndim == 4 and values.shape[3] not in (1, 3)):
            raise BadData(uri, f"its shape is {list(values.shape)}, a clip is [frames, h, w] or [frames, h, w, 3]")
        if values.dtype.kind not in "iub" or values.min() < 0 or values.max() > 255:
            raise BadData(uri, f"it holds {values.dtype}, the pixels of a clip are whole numbers from 0 to 255")
        _check_moving(len(values), uri)
        chosen = values[_spread(len(values), self.frames)].astype(np.uint8)
        return np.stack([self._fit(frame[..., 0] if frame.shape[2:] == (1,) else frame, uri) for frame in chosen])

    def _choose(self, frames: Iterator[NDArray[Any]], uri: str) -> NDArray[Any]:
        """Frames are made small at once, as their number is not known before the last; of long clips each second one is
        dropped again and again, so that memory does not grow with the length.
        """
        small: list[NDArray[Any]] = []
        step = 1
        for number, frame in enumerate(frames):
            if number % step == 0:
                small.append(self._fit(frame, uri))
            if len(small) > _KEPT * self.frames:
                small, step = small[::2], 2 * step
        _check_moving(len(small), uri)
        return np.stack([small[place] for place in _spread(len(small), self.frames)])

    def _fit(self, frame: NDArray[Any], uri: str) -> NDArray[np.uint8]:
        if frame.shape[0] * frame.shape[1] > _MOST_PIXELS:
            raise BadData(uri, "its frames have too many pixels to be opened safely", "make them smaller")
        image = Image.fromarray(frame).convert("RGB" if self.colours else "L")
        if image.size != (self.width, self.height):
            image = image.resize((self.width, self.height), Image.Resampling.BILINEAR)
        return np.asarray(image)


def _spread(count: int, wanted: int) -> list[int]:
    """The places of `wanted` frames, evenly over `count`; some twice where there are fewer."""
    return [int(place) for place in np.floor((np.arange(wanted) + 0.5) * count / wanted)]


def _check_moving(count: int, uri: str) -> None:
    if count < 2:
        raise BadData(uri, f"it has {count} frame{'s' * (count != 1)}, a clip has two or more")


def _load_array(content: bytes, uri: str) -> NDArray[Any]:
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, KeyError, MemoryError) as error:
        raise BadData(uri, f"the array is damaged ({error})") from error
    if not isinstance(loaded, np.ndarray):
        raise BadData(uri, "it holds several arrays, a clip is one", "save it as .npy")
    return loaded


def _read_pictures(content: bytes, uri: str) -> Iterator[NDArray[Any]]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            for frame in ImageSequence.Iterator(image):
                yield np.asarray(frame.convert("RGB"))
    except (OSError, SyntaxError, ValueError, EOFError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadData(uri, f"the clip is damaged ({error})") from error


def _read_video(content: bytes, uri: str) -> Iterator[NDArray[Any]]:
    import av

    try:
        with av.open(io.BytesIO(content)) as container:
            if not container.streams.video:
                raise BadData(uri, "there are no pictures in it: it is cut off, or a sound")
            for frame in container.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"))
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        raise BadData(uri, f"the video is damaged, or of a kind that is not read ({error})") from error


_: type[Medium] = Clips
