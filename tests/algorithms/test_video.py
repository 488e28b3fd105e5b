"""The net for clips as a step, its answers in bulk and online, and what it refuses."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dix.algorithms.score import Score
from dix.algorithms.video import Video
from dix.errors import BadData, BadValue
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

SMALL = {"epochs": 12, "frames": 4, "image_size": 8, "colour": False, "channels": [8], "learning_rate": 0.02}


def make_clip(step: int, chance: np.random.Generator) -> np.ndarray:
    """A bright row that moves down (1) or up (-1)."""
    frames = chance.integers(0, 60, (4, 8, 8), dtype=np.uint8)
    start = int(chance.integers(0, 8))
    for number in range(4):
        frames[number, (start + step * number) % 8] = 220
    return frames


def save(frames: np.ndarray, kind: str) -> bytes:
    stream = io.BytesIO()
    if kind == "npy":
        np.save(stream, frames)
    else:
        first, *others = [Image.fromarray(frame) for frame in frames]
        first.save(stream, kind, save_all=True, append_images=others)
    return stream.getvalue()


@pytest.fixture
def moves(store: Store) -> Store:
    chance = np.random.default_rng(0)
    for name, step in {"down": 1, "up": -1}.items():
        for number in range(16):
            kind = "npy" if number % 2 else "gif"
            store.write_bytes(f"moves/{name}/{number:02d}.{kind}", save(make_clip(step, chance), kind))
        for number, frame in enumerate(make_clip(step, chance)):
            stream = io.BytesIO()
            Image.fromarray(frame).save(stream, "PNG")
            store.write_bytes(f"moves/{name}/frames/{number}.png", stream.getvalue())
    return store


def train(run_step: RunStep, bad_rows: float = 0.0, **params: object) -> Ran:
    options = SMALL | {"validation_split": 0, "batch_size": 8} | params
    return run_step(Video(), {"train": "moves"}, params=options, framework="torch", bad_rows=bad_rows)


@pytest.mark.parametrize("net", ["conv", "lstm"])
def test_it_learns_the_same_twice_and_answers_files_and_frames(run_step: RunStep, moves: Store, net: str) -> None:
    ran, again = (train(run_step, net=net) for _ in range(2))
    assert ran.rows == again.rows
    assert ran.result.metrics["examples"] == 34
    moves.commit_folder(ran.context.output("model"), "models/1")
    run_step(Score(), {"data": "moves"}, models={"model": "models/1"}, params={"batch_size": 5})
    scored = pq.read_table(moves.local_path("out")).to_pandas()
    assert list(scored.columns) == ["path", "label", "prediction", "probabilities"]
    assert {"down/frames", "up/frames", "up/00.gif"} < set(scored["path"])
    assert (scored["prediction"] == scored["label"]).mean() > 0.85
    predictor = load_predictor(ran.context.output("model"))
    raw = make_clip(1, np.random.default_rng(5))[None]
    assert predictor.predict({"video": raw})["probabilities"].shape == (1, 2)
    with pytest.raises(BadValue, match=r"video: expected UINT8 \[n, 4, 8, 8\]"):
        predictor.predict({"video": raw[:, :3]})


def test_one_frame_and_a_text_are_named_or_left_out(run_step: RunStep, moves: Store) -> None:
    moves.write_bytes("moves/up/still.gif", save(make_clip(1, np.random.default_rng(1))[:1], "gif"))
    with pytest.raises(BadData, match=r"up/still\.gif: it has 1 frame, a clip has two or more"):
        train(run_step)
    moves.write_bytes("moves/up/text.gif", b"these are words")
    assert train(run_step, bad_rows=0.1, epochs=1).result.metrics["bad_rows"] == 2


def test_an_empty_class_folder_is_refused(run_step: RunStep, moves: Store) -> None:
    (Path(moves.local_path("moves") or "") / "none").mkdir()
    with pytest.raises(BadData, match="the class folder none has no clips"):
        train(run_step)
