"""What somebody would write by hand for each ready algorithm: reading the data, and a plain loop over the same net.

A script writes its own data too: noise with classes, since a net's work does not depend on what it sees.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from scipy.io import wavfile
from torch import Tensor, nn

from dix.frameworks.intakes.table import TableIntake, fit_table
from dix.frameworks.recurrent import ForecastSpec, RecurrentSpec
from dix.frameworks.torch.dbn import BeliefNet, DbnNet
from dix.frameworks.torch.forecast_net import ForecastNet
from dix.frameworks.torch.recommendation import TowersNet, TwoTowers
from dix.frameworks.torch.recurrent_net import RecurrentNet
from dix.frameworks.torch.speech_net import SpectrogramCnn, SpeechNet
from dix.frameworks.torch.table import TABLE, TableNet
from dix.frameworks.torch.video import ClipNet, VideoNet

BATCH, RATE = 64, 0.001
SIDE = 28


@dataclass(frozen=True, slots=True)
class Prepared:
    """A net with all that it learns from; `ahead` is done before it learns from targets, a share
    `aside` is validated with."""

    net: nn.Module
    tensors: dict[str, Tensor]
    targets: Tensor
    loss: Callable[[Tensor, Tensor], Tensor] = nn.functional.cross_entropy
    ahead: Callable[[], None] = lambda: None
    trims: bool = False
    aside: float = 0.1


@dataclass(frozen=True, slots=True)
class Script:
    """`write` puts examples below a folder, where `uri` is what training reads; `params` make DI-X do the same."""

    uri: str
    examples: int
    epochs: int
    write: Callable[[Path, int], None]
    read: Callable[[Path], Prepared]
    params: Mapping[str, Any] = field(default_factory=dict)


def run_script(script: Script, root: Path, epochs: int) -> None:
    """Read, train and validate each epoch."""
    torch.manual_seed(0)
    ready = script.read(root)
    net, rows = ready.net, len(ready.targets)
    order = torch.randperm(rows)
    valid, train = order[: int(rows * ready.aside)], order[int(rows * ready.aside) :]
    ready.ahead()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.0001)
    for _ in range(epochs):
        net.train()
        for chosen in train[torch.randperm(len(train))].split(BATCH):
            loss = ready.loss(net(_take(ready, chosen)), ready.targets[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
        net.eval()
        with torch.no_grad():
            for chosen in valid.split(BATCH):
                ready.loss(net(_take(ready, chosen)), ready.targets[chosen]).item()


def _take(ready: Prepared, chosen: Tensor) -> dict[str, Tensor]:
    batch = {name: values[chosen] for name, values in ready.tensors.items()}
    if ready.trims:
        batch["tokens"] = batch["tokens"][:, : int(batch["lengths"].max())]
    return batch


# Images.


def write_images(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 255, count * SIDE * SIDE, dtype=np.uint8)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(pixels), SIDE)
    column = pa.FixedSizeListArray.from_arrays(rows, SIDE)
    labels = pa.array([str(number % 10) for number in range(count)])
    pq.write_table(pa.table({"image": column, "label": labels}), root / "train.parquet")


def read_images(root: Path) -> tuple[np.ndarray, Tensor]:
    table = pq.read_table(root / "train.parquet")
    images = table["image"].combine_chunks().flatten().flatten().to_numpy().reshape(-1, SIDE, SIDE)
    return images, torch.from_numpy(np.array(table["label"].to_pylist()).astype(np.int64))


def _read_for_dbn(root: Path) -> Prepared:
    images, targets = read_images(root)
    net = BeliefNet(DbnNet(units=SIDE * SIDE, layers=(256, 256), classes=10), 255.0)
    pixels = torch.from_numpy(images.copy())
    return Prepared(net, {"image": pixels}, targets, ahead=lambda: _train_greedily(net, pixels[len(pixels) // 10 :]))


@torch.no_grad()
def _train_greedily(net: BeliefNet, pixels: Tensor, epochs: int = 3, rate: float = 0.05) -> None:
    """Contrastive divergence with one step, as for DI-X."""
    visible = pixels.flatten(1).float() / 255
    for layer in net.layers:
        weight, hidden_bias = layer.weight, layer.bias
        weight.normal_(std=0.01)
        visible_bias = torch.zeros(visible.shape[1])
        speeds = [torch.zeros_like(one) for one in (weight, hidden_bias, visible_bias)]
        for _ in range(epochs):
            for chosen in torch.randperm(len(visible)).split(BATCH):
                data = visible[chosen]
                hidden = torch.sigmoid(data @ weight.T + hidden_bias)
                said = torch.sigmoid(torch.bernoulli(hidden) @ weight + visible_bias)
                again = torch.sigmoid(said @ weight.T + hidden_bias)
                changes = [hidden.T @ data - again.T @ said, (hidden - again).sum(0), (data - said).sum(0)]
                for one, speed, change in zip((weight, hidden_bias, visible_bias), speeds, changes, strict=True):
                    speed.mul_(0.5).add_(change / len(data), alpha=rate)
                    one.add_(speed)
        visible = torch.sigmoid(visible @ weight.T + hidden_bias)


# Texts and series.


def _write_texts(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    known = [f"word{number}" for number in range(3000)]
    texts = [" ".join(known[i] for i in chance.integers(0, 3000, chance.integers(20, 60))) for _ in range(count)]
    pd.DataFrame({"text": texts, "label": np.arange(count) % 4}).to_csv(root / "texts.csv", index=False)


def _read_texts(root: Path) -> Prepared:
    table = pd.read_csv(root / "texts.csv")
    words = [re.findall(r"\w+", text.lower()) for text in table["text"]]
    counted = Counter(word for text in words for word in text)
    places = {word: i for i, (word, count) in enumerate(counted.most_common(20_000), 2) if count > 1}
    tokens = nn.utils.rnn.pad_sequence(
        [torch.tensor([places.get(word, 1) for word in text[:256]]) for text in words], batch_first=True
    )
    lengths = torch.tensor([min(len(text), 256) for text in words])
    spec = RecurrentSpec(words=len(places) + 2, embedding=64, hidden=64, bidirectional=True, dropout=0.3, width=4)
    targets = torch.tensor(table["label"].to_numpy())
    return Prepared(RecurrentNet(nn.LSTM, spec), {"tokens": tokens, "lengths": lengths}, targets, trims=True)


def _write_series(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    times = pd.date_range("2020-01-01", periods=count, freq="h")
    value = 10 * np.sin(np.arange(count) / 24 * 2 * np.pi) + chance.normal(size=count)
    pd.DataFrame({"time": times, "value": value}).to_csv(root / "series.csv", index=False)


def _read_series(root: Path) -> Prepared:
    value = pd.read_csv(root / "series.csv", parse_dates=["time"])["value"].to_numpy(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view((value - value.mean()) / value.std(), 60)
    history, ahead = torch.from_numpy(windows[:, :48].copy()), torch.from_numpy(windows[:, 48:].copy())
    forecast = ForecastSpec(history=48, horizon=12, season=24, values=1)
    spec = RecurrentSpec(channels=1, hidden=64, pooling="last", dropout=0.3, width=12, forecast=forecast)
    net = ForecastNet(nn.RNN, spec, forecast)
    return Prepared(net, {"history": history.unsqueeze(2)}, ahead, nn.functional.mse_loss)


# Sounds and clips.


def _write_sounds(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    for number in range(count):
        path = root / "sounds" / str(number % 4) / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        wavfile.write(path, 16_000, chance.integers(-9000, 9000, 16_000, dtype=np.int16))


def _read_sounds(root: Path) -> Prepared:
    bands = torch.rand(257, 40)  # as many triangles take as long
    window = torch.hann_window(400)
    mels, targets = [], []
    for path in sorted((root / "sounds").rglob("*.wav")):
        samples = torch.from_numpy(wavfile.read(path)[1].astype(np.float32) / 32768)
        spectrum = torch.stft(samples, 512, 160, 400, window, center=False, return_complex=True)
        mels.append(torch.log(spectrum.abs().square().T @ bands + 1e-6))
        targets.append(int(path.parent.name))
    mel = torch.stack(mels)
    mel = (mel - mel.mean((0, 1))) / mel.std((0, 1))
    return Prepared(SpectrogramCnn(SpeechNet(net="cnn", mels=40, classes=4)), {"mel": mel}, torch.tensor(targets))


def _write_clips(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    for number in range(count):
        path = root / "clips" / str(number % 4) / f"{number}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, chance.integers(0, 255, (8, 32, 32), dtype=np.uint8))


def _read_clips(root: Path) -> Prepared:
    paths = sorted((root / "clips").rglob("*.npy"))
    clips = torch.from_numpy(np.stack([np.load(path) for path in paths]))
    pixels = clips.float() / 255
    net = ClipNet(VideoNet(net="conv", colours=1, classes=4))
    net.normalize.set_scaling(255.0, [float(pixels.mean())], [float(pixels.std())])
    return Prepared(net, {"video": clips}, torch.tensor([int(path.parent.name) for path in paths]))


# Tables and events.


def _write_table(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    columns: dict[str, Any] = {f"number{i}": chance.normal(size=count) for i in range(16)}
    columns |= {f"kind{i}": chance.choice([f"kind {j}" for j in range(30)], count) for i in range(4)}
    columns["label"] = (chance.random(count) < 0.1).astype(int)
    pd.DataFrame(columns).to_csv(root / "table.csv", index=False)


def _read_table(root: Path) -> Prepared:
    table = pd.read_csv(root / "table.csv")
    texts = [name for name in table.columns if name.startswith("kind")]
    numbers = table[[name for name in table.columns if name.startswith("number")]].rank(pct=True).to_numpy(np.float32)
    codes = table[texts].apply(lambda column: column.astype("category").cat.codes + 1).to_numpy(np.int64)
    columns = {name: np.array(table[name], object if name in texts else float) for name in table.columns[:-1]}
    intake: TableIntake = fit_table({name: one[:500] for name, one in columns.items()}, scale="standard", min_count=1)
    net = TABLE.build(TableNet(classes=2), {
        "numbers": [{"may_miss": False}] * len(intake.numbers),
        "categories": [{"values": list(one.values)} for one in intake.categories],
    })  # fmt: skip
    tensors = {
        "numbers": torch.from_numpy((numbers - 0.5) * np.float32(12**0.5)),
        "categories": torch.from_numpy(codes),
    }
    return Prepared(net, tensors, torch.from_numpy(table["label"].to_numpy()))


def _write_events(root: Path, count: int) -> None:
    chance = np.random.default_rng(0)
    columns = {"user": chance.integers(0, count // 50, count), "item": chance.integers(0, 2000, count)}
    pd.DataFrame(columns).to_csv(root / "events.csv", index=False)


def _read_events(root: Path) -> Prepared:
    table = pd.read_csv(root / "events.csv").drop_duplicates()
    users, items = (torch.from_numpy(pd.factorize(table[name])[0].astype(np.int64)) for name in ("user", "item"))
    net = TwoTowers(TowersNet(users=int(users.max()) + 1, items=int(items.max()) + 1, count=10, seen=0, size=32))
    return Prepared(net, {"user": users + 1, "item": items}, items, aside=0.02)


SCRIPTS = {
    "dbn": Script("train.parquet", 10_000, 4, write_images, _read_for_dbn, {
        "greedy_epochs": 3, "greedy_batch_size": BATCH, "greedy_weight_decay": 0.0,
    }),
    "lstm": Script("texts.csv", 4_000, 2, _write_texts, _read_texts, {"word_dropout": 0.0}),
    "recommendation": Script("events.csv", 60_000, 5, _write_events, _read_events),
    "risk": Script("table.csv", 40_000, 3, _write_table, _read_table),
    "rnn": Script("series.csv", 12_000, 4, _write_series, _read_series, {"task": "forecast", "season": 24}),
    "speech": Script("sounds", 1_000, 4, _write_sounds, _read_sounds, {
        "augment_shift": 0, "augment_noise": 0.0, "augment_mask": 0.0,
    }),
    "video": Script("clips", 600, 3, _write_clips, _read_clips, {"frames": 8, "image_size": 32, "colour": False}),
}  # fmt: skip
