"""Training against a plain script with the same net, the same loop and the same number of threads.

    python -m tests.benchmarks.bench_training --images 20000 --epochs 3 --cpus 2 [--framework tensorflow]
    python -m tests.benchmarks.bench_training --algorithm lstm --cpus 2

Both read the same files, train and validate each epoch; repeats take turns, and the medians are compared. Beside it is
told which share of its time DI-X reads, and which it waits for the next batch. Say OMP_NUM_THREADS as many as --cpus,
as the host of a step does: NumPy would use all cores otherwise.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from torch import nn

from dix.algorithms.lookup import list_specs, make_algorithm
from dix.frameworks.tensorflow.start import start_tensorflow
from dix.frameworks.torch.fit import Loaded
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.benchmarks.plain_scripts import BATCH, RATE, SCRIPTS, SIDE, run_script, write_images
from tests.benchmarks.steps import make_context


def train_plainly(path: Path, epochs: int, *, channels_last: bool = False) -> None:
    """The script that somebody would write by hand.

    With `channels_last` its pixels lie in memory as those of DI-X do, which is the faster way on most machines.
    """
    torch.manual_seed(0)
    table = pq.read_table(path)
    images = table["image"].combine_chunks().flatten().flatten().to_numpy().reshape(-1, 1, SIDE, SIDE)
    pixels = torch.from_numpy(images.astype(np.float32) / 255)
    pixels = (pixels - pixels.mean()) / pixels.std()
    if channels_last:
        pixels = pixels.to(memory_format=torch.channels_last)
    targets = torch.from_numpy(np.array(table["label"].to_pylist()).astype(np.int64))
    order = torch.randperm(len(targets))
    valid, train = order[: len(order) // 10], order[len(order) // 10 :]
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding="same", bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding="same", bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(4), nn.Flatten(),
        nn.Linear(1024, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10),
    )  # fmt: skip
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.0001)
    for _ in range(epochs):
        net.train()
        shuffled = train[torch.randperm(len(train))]
        for chosen in shuffled.split(BATCH):
            loss = nn.functional.cross_entropy(net(pixels[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            for chosen in valid.split(BATCH):
                nn.functional.cross_entropy(net(pixels[chosen]), targets[chosen]).item()


def train_plainly_on_tensorflow(path: Path, epochs: int) -> None:
    """The script that somebody would write by hand with Keras and a loop of their own."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    table = pq.read_table(path)
    images = table["image"].combine_chunks().flatten().flatten().to_numpy().reshape(-1, SIDE, SIDE, 1)
    pixels = images.astype(np.float32) / 255
    pixels = (pixels - pixels.mean()) / pixels.std()
    targets = np.array(table["label"].to_pylist()).astype(np.int64)
    order = np.random.permutation(len(targets))
    valid, train = order[: len(order) // 10], order[len(order) // 10 :]
    net = keras.Sequential([
        keras.Input((SIDE, SIDE, 1)),
        keras.layers.Conv2D(32, 3, padding="same", use_bias=False), keras.layers.BatchNormalization(),
        keras.layers.ReLU(), keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", use_bias=False), keras.layers.BatchNormalization(),
        keras.layers.ReLU(), keras.layers.MaxPooling2D(2),
        keras.layers.AdaptiveAveragePooling2D(4), keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"), keras.layers.Dropout(0.2), keras.layers.Dense(10),
    ])  # fmt: skip
    optimizer = keras.optimizers.AdamW(RATE, weight_decay=0.0001)
    compute_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(reduce_retracing=True)
    def learn(pixels: tf.Tensor, targets: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = compute_loss(targets, net(pixels, training=True))
        optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)

    @tf.function(reduce_retracing=True)
    def measure(pixels: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return compute_loss(targets, net(pixels, training=False))

    for _ in range(epochs):
        shuffled = np.random.permutation(train)
        for start in range(0, len(train), BATCH):
            chosen = shuffled[start : start + BATCH]
            learn(tf.constant(pixels[chosen]), tf.constant(targets[chosen]))
        for start in range(0, len(valid), BATCH):
            chosen = valid[start : start + BATCH]
            float(measure(tf.constant(pixels[chosen]), tf.constant(targets[chosen])))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned by both; `scripts` take a number of epochs."""

    uri: str
    params: Mapping[str, Any]
    scripts: Mapping[str, Callable[[int], None]]


@dataclass(slots=True)
class Lap:
    """One training by DI-X: its seconds, and which share of them it read and judged, or waited for the next batch."""

    whole_s: float = 0.0
    reading: float = 0.0
    waiting: float = 0.0


def train_with_dix(root: Path, lesson: Lesson, options: argparse.Namespace, epochs: int) -> Lap:
    """An algorithm as a step, from reading to the saved model."""
    lap, started, began = Lap(), options.clock(), time.perf_counter()
    params = {name: one["default"] for name, one in list_specs()[options.algorithm].params["properties"].items()}
    params |= {"epochs": epochs, "batch_size": BATCH, "learning_rate": RATE, "schedule": "none", "patience": 0}
    store = Store(StoreOptions(f"file://{root}"))
    inputs, cpus = {"train": lesson.uri}, options.cpus
    context = make_context(store, params | lesson.params, inputs, framework=options.framework, cpus=cpus)
    with watch(lap, options.clock):
        metrics = make_algorithm(options.algorithm).run(context).metrics
    shutil.rmtree(context.scratch)
    lap.whole_s = options.clock() - started
    lap.reading = 1 - metrics["train_seconds"] / (time.perf_counter() - began)
    lap.waiting /= lap.whole_s
    return lap


@contextmanager
def watch(lap: Lap, clock: Callable[[], float]) -> Iterator[None]:
    """Add up how long torch's loop waits for its batches."""
    take = Loaded.take

    def take_watched(self: Loaded, *what: Any) -> Any:
        started = clock()
        taken = take(self, *what)
        lap.waiting += clock() - started
        return taken

    setattr(Loaded, "take", take_watched)  # noqa: B010
    try:
        yield
    finally:
        setattr(Loaded, "take", take)  # noqa: B010


def prepare(root: Path, options: argparse.Namespace) -> Lesson:
    """Write the data, and say who learns from it."""
    if options.algorithm != "cnn":
        script = SCRIPTS[options.algorithm]
        script.write(root, options.examples or script.examples)
        options.epochs = options.epochs or script.epochs
        return Lesson(script.uri, script.params, {"plain script": partial(run_script, script, root)})
    path = root / "train.parquet"
    write_images(root, options.examples or 20_000)
    options.epochs = options.epochs or 3
    if options.framework == "tensorflow":
        start_tensorflow(options.cpus, 0.0)
        return Lesson(path.name, {}, {"plain script": partial(train_plainly_on_tensorflow, path)})
    tuned = partial(train_plainly, path, channels_last=True)
    scripts = {"plain script": partial(train_plainly, path), "plain script with channels last": tuned}
    return Lesson(path.name, {}, scripts)


def compare(lesson: Lesson, train: Callable[[int], Lap], options: argparse.Namespace) -> None:
    """Take turns, and print the medians."""
    laps: list[Lap] = []
    theirs: dict[str, list[float]] = {name: [] for name in lesson.scripts}
    for once in (*lesson.scripts.values(), train):
        once(1)  # what a framework does once in a process is paid by neither
    for _ in range(options.repeats):
        for name, script in lesson.scripts.items():
            started = options.clock()
            script(options.epochs)
            theirs[name].append(options.clock() - started)
        laps.append(train(options.epochs))
        took = ", ".join(f"{name} {seconds[-1]:6.2f} s" for name, seconds in theirs.items())
        print(f"{took}, DI-X {laps[-1].whole_s:6.2f} s")
    whole = statistics.median(lap.whole_s for lap in laps)
    print(f"{options.algorithm}, {options.epochs} epochs, {options.cpus} threads:")
    for name, seconds in theirs.items():
        print(f"  {whole / statistics.median(seconds):.3f} x the {name}")
    reading, waiting = (
        statistics.median(shares) for shares in zip(*((lap.reading, lap.waiting) for lap in laps), strict=True)
    )
    print(f"  of its time, reading and judging take {reading:.1%}, the batches {waiting:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--algorithm", choices=("cnn", *SCRIPTS), default="cnn")
    parser.add_argument("--examples", "--images", type=int, default=None)
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--framework", choices=("torch", "tensorflow"), default="torch")
    told = "count the seconds of the process, which those of others on the machine do not lengthen"
    parser.add_argument("--busy", dest="clock", action="store_const", const=time.process_time, help=told)
    parser.set_defaults(clock=time.perf_counter)
    options = parser.parse_args()
    torch.set_num_threads(options.cpus)
    root = Path(tempfile.mkdtemp(prefix="dix-bench-"))
    try:
        lesson = prepare(root, options)
        compare(lesson, partial(train_with_dix, root, lesson, options), options)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
