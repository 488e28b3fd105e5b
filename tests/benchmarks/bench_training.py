"""Training against a plain script with the same net, the same loop and the same number of threads.

    python -m tests.benchmarks.bench_training --images 20000 --epochs 3 --cpus 2 [--framework tensorflow]

Both read the same Parquet file, train and validate each epoch; repeats take turns, and the medians are compared.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import nn

from dix.algorithms.cnn import Cnn
from dix.frameworks.tensorflow.start import start_tensorflow
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.benchmarks.steps import make_context

SIDE = 28
BATCH = 64
RATE = 0.001


def write_data(path: Path, images: int) -> None:
    """Noise with ten classes; a net's work does not depend on what is in an image."""
    chance = np.random.default_rng(0)
    pixels = chance.integers(0, 255, images * SIDE * SIDE, dtype=np.uint8)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(pixels), SIDE)
    column = pa.FixedSizeListArray.from_arrays(rows, SIDE)
    labels = pa.array([str(number % 10) for number in range(images)])
    pq.write_table(pa.table({"image": column, "label": labels}), path)


def train_plainly(path: Path, epochs: int, threads: int, *, channels_last: bool = False) -> float:
    """The script that somebody would write by hand; answers its seconds.

    With `channels_last` its pixels lie in memory as those of DI-X do, which is the faster way on most machines.
    """
    started = time.perf_counter()
    torch.set_num_threads(threads)
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
    return time.perf_counter() - started


def train_with_channels_last(path: Path, epochs: int, threads: int) -> float:
    """The same, tuned; answers its seconds."""
    return train_plainly(path, epochs, threads, channels_last=True)


def train_plainly_on_tensorflow(path: Path, epochs: int, threads: int) -> float:
    """The script that somebody would write by hand with Keras and a loop of their own; answers its seconds."""
    start_tensorflow(threads, 0.0)
    import keras
    import tensorflow as tf

    started = time.perf_counter()
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
    return time.perf_counter() - started


def train_with_dix(root: Path, epochs: int, threads: int, framework: str) -> float:
    """The algorithm `cnn` as a step, from reading to the saved model; answers its seconds."""
    started = time.perf_counter()
    store = Store(StoreOptions(f"file://{root}"))
    algorithm = Cnn()
    params = {name: one["default"] for name, one in algorithm.spec.params["properties"].items()}
    params |= {"epochs": epochs, "batch_size": BATCH, "learning_rate": RATE, "schedule": "none", "patience": 0}
    context = make_context(store, params, {"train": "train.parquet"}, framework=framework, cpus=threads)
    algorithm.run(context)
    shutil.rmtree(context.scratch)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--framework", choices=("torch", "tensorflow"), default="torch")
    options = parser.parse_args()
    scripts = {"plain script": train_plainly, "plain script with channels last": train_with_channels_last}
    if options.framework == "tensorflow":
        scripts = {"plain script": train_plainly_on_tensorflow}
    root = Path(tempfile.mkdtemp(prefix="dix-bench-"))
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in scripts}
    try:
        write_data(root / "train.parquet", options.images)
        # What a framework does once in a process is paid by neither.
        for script in scripts.values():
            script(root / "train.parquet", 1, options.cpus)
        train_with_dix(root, 1, options.cpus, options.framework)
        for _ in range(options.repeats):
            for name, script in scripts.items():
                theirs[name].append(script(root / "train.parquet", options.epochs, options.cpus))
            ours.append(train_with_dix(root, options.epochs, options.cpus, options.framework))
            took = ", ".join(f"{name} {seconds[-1]:6.2f} s" for name, seconds in theirs.items())
            print(f"{took}, DI-X {ours[-1]:6.2f} s")
    finally:
        shutil.rmtree(root)
    print(f"{options.images:,} images of {SIDE} x {SIDE}, {options.epochs} epochs, {options.cpus} threads:")
    for name, seconds in theirs.items():
        print(f"  {statistics.median(ours) / statistics.median(seconds):.3f} x the {name}")


if __name__ == "__main__":
    main()
