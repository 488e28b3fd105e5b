"""Sounds: cut to one length and made a picture of how loud which pitch is when (a log-mel spectrogram)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue
from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake

# Added to the power of each band before its logarithm: what is quieter than this counts as silence.
_FLOOR = 1e-6
# So many sounds at a time are taken apart: more would not fit into the caches.
_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class SpeechIntake:
    """One input `audio`, FP32 [n, samples]: samples from -1 to 1 at `sample_rate`, of any length.

    The first `seconds` are taken, and filled up with silence. Each window of `window_ms`, one every `hop_ms`, becomes
    the logarithm of the power in `mels` bands, less `mean`, by `std`: one of each a band. The bands are triangles, even
    in mel as HTK has it (The HTK Book 3.4, section 5.4): 2595 log10(1 + f / 700), from 20 Hz to half of the rate.
    """

    KIND: ClassVar[str] = "speech"

    sample_rate: int
    seconds: float
    mels: int
    window_ms: float = 25.0
    hop_ms: float = 10.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return (TensorSpec("audio", "FP32", (-1, -1)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        sounds = columns["audio"]
        for row, sound in enumerate(sounds):
            if not np.isfinite(sound).all():
                raise BadValue("audio", "finite samples from -1 to 1", f"NaN or infinite in row {row}")
        groups = (sounds[start : start + _TOGETHER] for start in range(0, len(sounds), _TOGETHER))
        mels = np.concatenate([self.compute_mels(group) for group in groups])
        return {"mel": self.normalize(mels)}

    def compute_mels(self, sounds: Iterable[NDArray[Any]]) -> NDArray[np.float32]:
        """The spectrograms of some sounds [n, frames, mels], not normalised yet."""
        window, hop = self._count_samples()
        cut = np.stack([self._cut(sound) for sound in sounds])
        windows = np.lib.stride_tricks.sliding_window_view(cut, window, axis=1)[:, ::hop]
        size = 1 << (window - 1).bit_length()
        spectrum = np.fft.rfft(windows * np.hanning(window).astype(np.float32), size)
        power = (np.square(spectrum.real) + np.square(spectrum.imag)) / window
        bands = make_mel_bands(self.sample_rate, size, self.mels)
        return np.asarray(np.log(power @ bands + _FLOOR), dtype=np.float32)

    def normalize(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each band with mean 0 and deviation 1, as they were in the training."""
        normal = (mels - np.array(self.mean, dtype=np.float32)) / np.array(self.std, dtype=np.float32)
        return np.asarray(normal, dtype=np.float32)

    def _cut(self, sound: NDArray[Any]) -> NDArray[np.float32]:
        length = max(round(self.seconds * self.sample_rate), self._count_samples()[0])
        cut = np.zeros(length, dtype=np.float32)
        cut[: min(len(sound), length)] = sound[:length]
        return cut

    def _count_samples(self) -> tuple[int, int]:
        """Of a window, and from one to the next."""
        window, hop = (max(1, round(self.sample_rate * each / 1000)) for each in (self.window_ms, self.hop_ms))
        return window, hop


def fit_speech(intake: SpeechIntake, mels: NDArray[np.float32]) -> SpeechIntake:
    """The intake for a training with these spectrograms; a band that never changes has deviation 1."""
    rows = mels.reshape(-1, intake.mels)
    mean, std = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    std[std < 1e-6] = 1.0
    return replace(intake, mean=tuple(mean.tolist()), std=tuple(std.tolist()))


@lru_cache(maxsize=8)
def make_mel_bands(sample_rate: int, size: int, mels: int) -> NDArray[np.float32]:
    """How much each of the size / 2 + 1 frequencies of a spectrum counts in each band, [frequencies, mels]."""
    low, high = (2595.0 * math.log10(1.0 + hertz / 700.0) for hertz in (20.0, sample_rate / 2.0))
    corners = 700.0 * (10.0 ** (np.linspace(low, high, mels + 2) / 2595.0) - 1.0)
    frequencies = np.fft.rfftfreq(size, 1.0 / sample_rate)[:, None]
    rising = (frequencies - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - frequencies) / (corners[2:] - corners[1:-1])
    bands = np.maximum(0.0, np.minimum(rising, falling))
    # A band that is narrower than the spectrum is fine would hear nothing: it takes the frequency nearest to it.
    deaf = np.flatnonzero(bands.sum(axis=0) == 0)
    bands[np.abs(frequencies - corners[1:-1][deaf]).argmin(axis=0), deaf] = 1.0
    return np.asarray(bands, dtype=np.float32)


_: type[Intake] = SpeechIntake
