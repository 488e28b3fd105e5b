"""The net for spoken words as a step, its answers in bulk and online, and what it refuses."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.io import wavfile

from dix.algorithms.score import Score
from dix.algorithms.speech import Speech
from dix.errors import BadData, BadValue
from dix.frameworks.lookup import load_predictor
from dix.serve.answerer import Answerer
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 6, "channels": [8], "sample_rate": 8000, "seconds": 0.3, "mels": 16, "learning_rate": 0.02}
CLASSES = {"high": 1800.0, "low": 300.0}


def make_tone(hertz: float, chance: np.random.Generator, rate: int = 8000) -> np.ndarray:
    samples = int(chance.uniform(0.2, 0.4) * rate)
    tone = np.sin(np.arange(samples) / rate * 2 * np.pi * hertz * chance.uniform(0.9, 1.1))
    return (0.4 * tone + 0.02 * chance.standard_normal(samples)).astype(np.float32)


def write_wav(samples: np.ndarray, rate: int) -> bytes:
    stream = io.BytesIO()
    wavfile.write(stream, rate, samples)
    return stream.getvalue()


@pytest.fixture
def tones(store: Store) -> Store:
    """Class folders of two rates and two widths."""
    chance = np.random.default_rng(0)
    for name, hertz in CLASSES.items():
        for number in range(12):
            rate = 8000 if number % 2 else 22_050
            samples = make_tone(hertz, chance, rate)
            kept = (samples * 32767).astype(np.int16) if number % 3 else samples
            store.write_bytes(f"tones/{name}/{number}.wav", write_wav(kept, rate))
    return store


def train(run_step: RunStep, uri: str = "tones", bad_rows: float = 0.0, **params: object) -> Ran:
    return run_step(Speech(), {"train": uri}, params=SMALL | params, framework="torch", bad_rows=bad_rows)


@pytest.mark.parametrize("net", ["cnn", "lstm"])
def test_it_learns_the_same_twice_and_answers_files_and_samples(run_step: RunStep, tones: Store, net: str) -> None:
    ran, again = (train(run_step, net=net) for _ in range(2))
    assert ran.result.metrics["valid_accuracy"] == 1.0
    assert ran.rows == again.rows
    tones.commit_folder(ran.context.output("model"), "models/1")
    run_step(Score(), {"data": "tones"}, models={"model": "models/1"}, params={"batch_size": 5})
    scored = pq.read_table(tones.local_path("out")).to_pandas()
    assert list(scored.columns) == ["path", "label", "prediction", "probabilities"]
    assert (scored["prediction"] == scored["label"]).mean() > 0.95
    answerer = Answerer(load_predictor(ran.context.output("model")))
    answerer.warm_up()
    raw = make_tone(1800, np.random.default_rng(1))[None]
    answer = asyncio.run(answerer.answer({"audio": raw}, 1))
    assert list(answer["label"]) == ["high"]
    with pytest.raises(BadValue, match=r"audio: expected FP32 \[n, any\], got 'shape \[\d+\]'"):
        asyncio.run(answerer.answer({"audio": raw[0]}, 1))
    answerer.close()


@pytest.mark.parametrize("as_files", [True, False])
def test_a_table_with_sounds_is_learned_and_scored(run_step: RunStep, store: Store, as_files: bool) -> None:
    chance = np.random.default_rng(0)
    sounds = [(name, make_tone(hertz, chance)) for name, hertz in CLASSES.items() for _ in range(8)]
    column = [write_wav(sound, 8000) if as_files else sound.tolist() for _, sound in sounds]
    table = pa.table({"word": [name for name, _ in sounds], "wave": column, "id": range(len(sounds))})
    stream = io.BytesIO()
    pq.write_table(table, stream)
    store.write_bytes("tones.parquet", stream.getvalue())
    ran = train(run_step, "tones.parquet", audio_column="wave", label_column="word", validation_split=0, batch_size=4)
    store.commit_folder(ran.context.output("model"), "models/1")
    run_step(Score(), {"data": "tones.parquet"}, models={"model": "models/1"})
    scored = pq.read_table(store.local_path("out")).to_pandas()
    assert list(scored.columns) == ["word", "id", "prediction", "probabilities"]
    assert (scored["prediction"] == scored["word"]).all()


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("high/bad.wav", b"a text, not a sound", r"high/bad\.wav: .*(text|not WAV)"),
        ("high/bad.wav", write_wav(np.zeros(400, np.int16), 8000)[:100], r"high/bad\.wav: the sound is cut off"),
        ("loose.wav", write_wav(np.zeros(400, np.int16), 8000), "loose.wav lies in no class folder; put each sound"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    run_step: RunStep, tones: Store, path: str, content: bytes, message: str
) -> None:
    tones.write_bytes(f"tones/{path}", content)
    with pytest.raises(BadData, match=message):
        train(run_step)


def test_a_share_of_them_is_left_out_and_said(run_step: RunStep, tones: Store) -> None:
    tones.write_bytes("tones/low/bad.wav", b"a text, not a sound")
    assert train(run_step, bad_rows=0.1, epochs=1).result.metrics["bad_rows"] == 1
    with pytest.raises(BadData, match=r"1 of 25 cannot be used, 4.00%.*low/bad\.wav"):
        train(run_step, bad_rows=0.01)


def test_an_empty_class_folder_and_a_single_class_are_refused(run_step: RunStep, tones: Store) -> None:
    (Path(tones.local_path("tones") or "") / "none").mkdir()
    with pytest.raises(BadData, match="the class folder none has no sounds; fill it, or remove it"):
        train(run_step)
    tones.write_bytes("one/a/x.wav", write_wav(np.zeros(400, np.int16), 8000))
    with pytest.raises(BadData, match="all sounds are of one class, a; give it two or more"):
        train(run_step, "one")


def test_images_are_no_sounds(run_step: RunStep, store: Store) -> None:
    store.write_bytes("pictures/a/x.png", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(
        BadData, match="it is images, from which no sounds are read; give it files of audio, or parquet"
    ):
        train(run_step, "pictures")


def test_silence_is_a_class_as_any_other(run_step: RunStep, tones: Store) -> None:
    for number in range(8):
        tones.write_bytes(f"tones/silence/{number}.wav", write_wav(np.zeros(1000 + number, np.int16), 8000))
    ran = train(run_step, epochs=10)
    answers = load_predictor(ran.context.output("model")).predict({"audio": np.zeros((1, 5), np.float32)})
    assert list(answers["label"]) == ["silence"]
    assert np.isfinite(answers["probabilities"]).all()


def test_a_valid_with_an_unknown_class_is_refused(run_step: RunStep, tones: Store) -> None:
    tones.write_bytes("other/else/x.wav", write_wav(np.zeros(400, np.int16), 8000))
    with pytest.raises(BadData, match="it has the class else, which the training data does not have"):
        run_step(Speech(), {"train": "tones", "valid": "other"}, params=SMALL, framework="torch")
