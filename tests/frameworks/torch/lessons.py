"""Whole algorithms with a little data each, for one worker and for several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dix.algorithms.base import Algorithm
from dix.algorithms.dbn import Dbn
from dix.algorithms.lstm import Lstm
from dix.algorithms.recommendation import Recommendation
from dix.algorithms.risk import Risk
from dix.algorithms.rnn import Rnn
from dix.algorithms.speech import Speech
from dix.algorithms.video import Video
from dix.frameworks.worker_group import WorkerGroup
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.algorithms.test_recommendation import make_events
from tests.algorithms.test_speech import make_tone, write_wav
from tests.algorithms.test_video import make_clip, save
from tests.benchmarks.steps import make_context
from tests.frameworks.conftest import make_stripes

TEXTS = {"text_column": "words", "hidden": 8, "word_dropout": 0.1, "layers": 2, "bidirectional": True}
FORECAST = {"task": "forecast", "hidden": 8, "layers": 2, "time_column": "time", "history": 8, "horizon": 2}
STRIPES = {"layers": [8, 6], "greedy_epochs": 3, "greedy_batch_size": 17, "compare": True}
TONES = {"channels": [4], "sample_rate": 8000, "seconds": 0.3, "mels": 8, "hidden": 6}
CLIPS = {"frames": 4, "image_size": 8, "colour": False, "channels": [4], "hidden": 6}
# By name: the algorithm, what of `write_data` it reads, and its parameters.
LESSONS: dict[str, tuple[type[Algorithm], str, dict[str, Any]]] = {
    "texts": (Lstm, "rows.csv", TEXTS | {"pooling": "last"}),
    "forecast": (Rnn, "rows.csv", FORECAST),
    "table": (Risk, "rows.csv", {"ignore": ["time", "words"], "width": 8, "blocks": 1}),
    "stripes": (Dbn, "stripes.parquet", STRIPES),
    "spectrograms": (Speech, "tones", TONES),
    "moments": (Speech, "tones", TONES | {"net": "lstm", "layers": 2}),
    "clips": (Video, "moves", CLIPS),
    "frames": (Video, "moves", CLIPS | {"net": "lstm"}),
    "events": (Recommendation, "events.csv", {"size": 4, "k": 3}),
    "drawn events": (Recommendation, "events.csv", {"size": 4, "k": 3, "negatives": 5, "hidden": [6]}),
}


def learn(
    name: str, folder: Path, workers: WorkerGroup | None = None, framework: str = "torch", **others: Any
) -> list[dict[str, float]]:
    """Its rows, and what it says of its model in the end; `others` are parameters in the place of its own."""
    kind, uri, changes = LESSONS[name]
    store = Store(StoreOptions(folder.as_uri()))
    write_data(store)
    rows: list[dict[str, float]] = []

    def report(position: int, progress: float | None = None, **metrics: float) -> None:
        rows.append({"epoch": position, **metrics})

    params = {one: facts["default"] for one, facts in kind.spec.params["properties"].items()}
    params |= {"epochs": 3, "batch_size": 21, "dropout": 0.2, **changes, **others}
    context = make_context(
        store,
        params,
        {"train": uri},
        framework=framework,
        scratch=folder / "scratch",
        report=report,
        workers=workers,
    )
    metrics = kind().run(context).metrics
    told = {one: number for one, number in metrics.items() if isinstance(number, float) and one != "train_seconds"}
    return [*rows, told]


def write_data(store: Store) -> None:
    chance = np.random.default_rng(0)
    value, label = chance.normal(size=90).cumsum(), chance.integers(0, 2, 90)
    words = [f"{('fine', 'dull')[one]} word{i % 7} {'and ' * (i % 5)}" for i, one in enumerate(label)]
    times = pd.date_range("2026-01-01", periods=90, freq="h")
    table = pd.DataFrame({"time": times, "value": value + 3 * label, "words": words, "label": label})
    store.write_bytes("rows.csv", table.to_csv(index=False).encode())
    store.write_bytes("events.csv", make_events(24).to_csv(index=False).encode())
    stripes = make_stripes(70)
    images = pa.table({"image": stripes.tensors["image"].tolist(), "label": stripes.targets.astype(str)})
    pq.write_table(images, store.local_path("stripes.parquet"))
    for number in range(48):
        kind = number % 2
        tone = make_tone((300.0, 1800.0)[kind], chance)
        store.write_bytes(f"tones/{kind}/{number}.wav", write_wav(tone, 8000))
        store.write_bytes(f"moves/{kind}/{number}.npy", save(make_clip((-1, 1)[kind], chance), "npy"))
