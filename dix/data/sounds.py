"""Turn WAV files into samples: one channel, one rate, numbers from -1 to 1."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.formats import sniff_formats
from dix.data.media import Medium, Unit
from dix.errors import BadData
from dix.store.listing import StoredFile

# Rates beyond these are the sign of a damaged header.
_LOWEST_RATE, _HIGHEST_RATE = 1_000, 768_000
_BYTE_ORDER = {b"RIFF": "<", b"RIFX": ">"}


@dataclass(frozen=True, slots=True)
class Sounds:
    """WAV files of any rate, as samples at `sample_rate`."""

    sample_rate: int

    @property
    def word(self) -> str:
        return "sound"

    @property
    def formats(self) -> tuple[str, ...]:
        return ("audio",)

    def list_units(self, files: Sequence[StoredFile]) -> list[Unit]:
        return [(file,) for file in files]

    def decode(self, contents: Sequence[bytes], uri: str) -> NDArray[Any]:
        return decode_sound(contents[0], uri, self.sample_rate)

    def accept(self, values: NDArray[Any], uri: str) -> NDArray[Any]:
        """Samples as they are asked for online: one list of numbers from -1 to 1, at the rate of the model."""
        if values.ndim != 1 or not len(values):
            raise BadData(uri, f"its shape is {list(values.shape)}, a sound is a list of samples")
        if values.dtype.kind in "iu" and np.abs(values.astype(np.int64)).max() > 1:
            raise BadData(uri, f"it has the sample {values[np.abs(values).argmax()]}, samples are from -1 to 1",
                          "divide them by 32768 where they have 16 bits")  # fmt: skip
        return values.astype(np.float32, copy=False)


def decode_sound(content: bytes, uri: str, sample_rate: int) -> NDArray[np.float32]:
    """The samples of a WAV file, 8 to 32 bits or floats, at `sample_rate`; several channels become their mean.

    Raises BadData naming the file when it is no WAV file, cut off, empty, or holds what is no number.
    """
    if content[:4] not in _BYTE_ORDER or content[8:12] != b"WAVE":
        raise BadData(uri, f"the file is not WAV; {_guess(content)}", "save it as WAV")
    rate, samples = _read_wav(content, uri)
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise BadData(uri, f"the sound says that it has {rate} samples a second, so it is damaged")
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    if not len(samples):
        raise BadData(uri, "the sound has no samples")
    if not np.isfinite(samples).all():
        raise BadData(uri, "the sound has samples that are NaN or infinite")
    return resample_sound(samples, rate, sample_rate)


def resample_sound(samples: NDArray[Any], rate: int, wanted: int) -> NDArray[np.float32]:
    """Samples of one rate at another one, without what the new rate cannot hold."""
    if rate != wanted:
        from scipy.signal import resample_poly

        common = math.gcd(rate, wanted)
        samples = resample_poly(samples, wanted // common, rate // common)
    return np.asarray(samples, dtype=np.float32)


def _read_wav(content: bytes, uri: str) -> tuple[int, NDArray[Any]]:
    from scipy.io import wavfile

    _check_length(content, uri)
    try:
        rate, samples = wavfile.read(io.BytesIO(content))
    except (ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error, UnboundLocalError) as error:
        raise BadData(uri, f"the sound is damaged, or of a kind that is not read ({error})") from error
    return int(rate), _to_floats(samples)


def _check_length(content: bytes, uri: str) -> None:
    """Raise BadData where the samples end before their header says: they would be read without a word."""
    place, order = 12, _BYTE_ORDER[content[:4]]
    while place + 8 <= len(content):
        name, size = struct.unpack_from(f"{order}4sI", content, place)
        if place + 8 + size > len(content):
            have = len(content) - place - 8
            raise BadData(
                uri,
                f"the sound is cut off: of the {size} bytes of its part {name.decode('latin-1')!r} there are {have}",
            )
        if name == b"data":
            return
        place += 8 + size + size % 2
    raise BadData(uri, "the sound is damaged: it has no samples")


def _to_floats(samples: NDArray[Any]) -> NDArray[Any]:
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128.0) / 128.0
    if samples.dtype.kind == "i":
        # 24 bits come in the upper part of 32.
        return np.asarray(samples / float(2 ** (8 * samples.dtype.itemsize - 1)), dtype=np.float32)
    return samples


def _guess(content: bytes) -> str:
    if not content:
        return "it is empty"
    formats = sniff_formats(content[:4096])
    if formats and formats[0] == "audio":
        return "it is a sound of another kind"
    return f"it holds {formats[0]}" if formats else "its content is not known"


_: type[Medium] = Sounds
