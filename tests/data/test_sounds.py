"""WAV files of every kind become the same samples; what is none is refused in one sentence."""

from __future__ import annotations

import io
import struct
import wave
from contextlib import suppress

import numpy as np
import pytest
from scipy.io import wavfile

from dix.data.sounds import Sounds, decode_sound
from dix.errors import BadData

TONE = 0.5 * np.sin(np.arange(8000) / 8000 * 2 * np.pi * 440)


def write_wav(samples: np.ndarray, rate: int = 8000) -> bytes:
    stream = io.BytesIO()
    wavfile.write(stream, rate, samples)
    return stream.getvalue()


def write_24_bits(samples: np.ndarray) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(3)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<i", int(x * (2**23 - 1)))[:3] for x in samples))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "within"),
    [
        (write_wav((TONE * 127 + 128).astype(np.uint8)), 0.02),
        (write_wav((TONE * 32767).astype(np.int16)), 1e-4),
        (write_24_bits(TONE), 1e-6),
        (write_wav((TONE * (2**31 - 1)).astype(np.int32)), 1e-6),
        (write_wav(TONE.astype(np.float32)), 1e-6),
        (write_wav(np.stack([2 * TONE, 0 * TONE], axis=1).astype(np.float32)), 1e-6),
    ],
    ids=["8 bits", "16 bits", "24 bits", "32 bits", "floats", "stereo"],
)
def test_all_widths_and_channels_become_the_same_samples(content: bytes, within: float) -> None:
    samples = decode_sound(content, "a.wav", 8000)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, TONE, atol=within)


@pytest.mark.parametrize("rate", [4000, 11025, 16000])
def test_another_rate_keeps_length_and_pitch(rate: int) -> None:
    samples = decode_sound(write_wav(TONE.astype(np.float32)), "a.wav", rate)
    assert len(samples) == rate
    assert np.abs(np.fft.rfft(samples)).argmax() == 440


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.wav: the file is not WAV; it is empty; save it as WAV"),
        (b"these are words", "a.wav: the file is not WAV; it holds text"),
        (b"fLaC" + bytes(40), "a.wav: the file is not WAV; it is a sound of another kind"),
        (write_wav(TONE.astype(np.int16))[:5000], "cut off: of the 16000 bytes of its part 'data' there are 4956"),
        (write_wav(np.zeros(0, np.int16)), "a.wav: the sound has no samples"),
        (write_wav(np.array([0, np.nan], np.float32)), "NaN or infinite"),
        (write_wav(TONE.astype(np.int16), 3), "it has 3 samples a second, so it is damaged"),
        (write_wav(TONE.astype(np.int16))[:20] + b"\x77" * 20 + bytes(40), "a.wav: the sound is "),
    ],
)
def test_what_is_no_sound_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(BadData, match=message):
        decode_sound(content, "a.wav", 8000)


def test_a_damaged_header_is_never_more_than_one_sentence() -> None:
    chance, good = np.random.default_rng(0), write_24_bits(TONE[:500])
    for _ in range(300):
        content = bytearray(good)
        for place in chance.integers(12, 44, 3):
            content[place] = chance.integers(0, 256)
        # Anything but BadData would fail the test.
        with suppress(BadData):
            assert decode_sound(bytes(content), "a.wav", 8000).ndim == 1


def test_samples_of_a_table_are_from_minus_one_to_one() -> None:
    sounds = Sounds(8000)
    assert sounds.accept(np.array([0, 1, -1]), "row 0").dtype == np.float32
    with pytest.raises(BadData, match="row 0: it has the sample -700, samples are from -1 to 1; divide them"):
        sounds.accept(np.array([3, -700]), "row 0")
    with pytest.raises(BadData, match=r"its shape is \[2, 2\], a sound is a list of samples"):
        sounds.accept(np.zeros((2, 2)), "row 0")
