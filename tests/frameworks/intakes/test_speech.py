"""Sounds of any length become spectrograms of one shape."""

from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.intakes.speech import SpeechIntake, fit_speech, make_mel_bands

RAW = SpeechIntake(8000, 0.5, 20)


def make_tone(hertz: float, samples: int = 4000) -> np.ndarray:
    return (0.5 * np.sin(np.arange(samples) / 8000 * 2 * np.pi * hertz)).astype(np.float32)


def test_what_is_asked_are_samples_of_any_number() -> None:
    assert RAW.inputs == (TensorSpec("audio", "FP32", (-1, -1)),)
    intake = fit_speech(RAW, RAW.compute_mels([make_tone(300), make_tone(900)]))
    sounds = np.empty(3, dtype=object)
    sounds[:] = [make_tone(300, 3), make_tone(300), make_tone(300, 9000)]
    mels = intake.prepare({"audio": sounds})["mel"]
    assert (mels.shape, mels.dtype) == ((3, 48, 20), np.float32)
    np.testing.assert_array_equal(mels[1], mels[2])


def test_a_tone_is_heard_in_the_band_of_its_pitch() -> None:
    corners = 700 * (10 ** (np.linspace(0.0, 2595 * np.log10(1 + 4000 / 700), 22) / 2595) - 1)
    for hertz in (400, 1000, 2500):
        loudest = RAW.compute_mels([make_tone(hertz)])[0].mean(axis=0).argmax()
        assert corners[loudest] - 60 < hertz < corners[loudest + 2] + 60


def test_the_training_data_has_mean_0_and_deviation_1() -> None:
    chance = np.random.default_rng(0)
    mels = RAW.compute_mels(chance.standard_normal((5, 4000)) * chance.random((5, 4000)))
    intake = fit_speech(RAW, mels)
    normal = intake.normalize(mels).reshape(-1, 20)
    np.testing.assert_allclose(normal.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(normal.std(axis=0), 1, atol=1e-4)


def test_silence_is_finite_even_where_all_is_silent() -> None:
    silence = np.zeros((2, 4000), np.float32)
    intake = fit_speech(RAW, RAW.compute_mels(silence))
    assert not intake.prepare({"audio": silence})["mel"].any()


def test_every_band_hears_something() -> None:
    assert (make_mel_bands(2000, 64, 128).sum(axis=0) > 0).all()


def test_what_is_no_number_is_said_with_its_row() -> None:
    intake = fit_speech(RAW, RAW.compute_mels([make_tone(300)]))
    with pytest.raises(BadValue, match=r"audio: .*finite samples from -1 to 1.*NaN or infinite in row 1"):
        intake.prepare({"audio": np.array([[0.0, 0.1], [0.0, np.nan]], np.float32)})
