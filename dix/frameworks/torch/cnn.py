"""Train the convolutional net on images, and write it as a model folder."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import write_card
from dix.frameworks.torch.cnn_net import CnnNet, ConvolutionalNet
from dix.frameworks.torch.device import choose_device
from dix.frameworks.torch.fit import FitPlan, fit, load_examples
from dix.frameworks.torch.saving import save_weights
from dix.frameworks.training import EpochReport, TrainOrder

_FIT_PARAMS = (
    "epochs", "batch_size", "learning_rate", "optimizer", "schedule", "weight_decay", "augment_shift", "patience",
    "seed",
)  # fmt: skip
_NET_PARAMS = ("channels", "kernel", "hidden", "dropout", "batch_norm")


def train_cnn(order: TrainOrder, report: EpochReport) -> ModelCard:
    """Train on images [n, h, w] or [n, h, w, c] of uint8 or float32; see `Trainer`."""
    started = time.monotonic()
    device = choose_device(order.threads, order.gpus)
    plan = FitPlan(**{name: order.params[name] for name in _FIT_PARAMS if name in order.params})
    images = order.train.values
    spec = CnnNet(
        height=images.shape[1],
        width=images.shape[2],
        colours=images.shape[3] if images.ndim == 4 else 1,
        classes=len(order.labels),
        **{name: order.params[name] for name in _NET_PARAMS if name in order.params},
    )
    preprocessing = _find_scaling(images)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(plan.seed)
        net = ConvolutionalNet(spec)
        net.intake.set_scaling(**preprocessing)
        net.to(device)
        valid = load_examples(order.valid, device) if order.valid is not None else None
        metrics = fit(net, load_examples(order.train, device), valid, plan, report)
    metrics |= {
        "examples": len(order.train),
        "train_seconds": round(time.monotonic() - started, 3),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
    }
    if order.resize is not None:
        preprocessing["resize"] = list(order.resize)
    card = _make_card(order, spec, preprocessing, metrics)
    save_weights(order.folder, net)
    write_card(order.folder, card)
    return card


def _find_scaling(images: NDArray[Any]) -> dict[str, Any]:
    """`scale`, and `mean` and `std` of the scaled pixels, one a colour; a colour that never changes has std 1."""
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    colours = images.shape[3] if images.ndim == 4 else 1
    total, squares = np.zeros(colours), np.zeros(colours)
    for start in range(0, len(images), 4096):
        pixels = images[start : start + 4096].reshape(-1, colours).astype(np.float64) / scale
        total += pixels.sum(axis=0)
        squares += np.square(pixels).sum(axis=0)
    count = images.size // colours
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - np.square(mean), 0.0))
    std[std < 1e-6] = 1.0
    return {"scale": scale, "mean": mean.tolist(), "std": std.tolist()}


def _make_card(order: TrainOrder, spec: CnnNet, preprocessing: dict[str, Any], metrics: dict[str, Any]) -> ModelCard:
    size = (-1, -1) if order.resize is not None else (spec.height, spec.width)
    colours = order.train.values.shape[3:]
    datatype = "UINT8" if order.train.values.dtype == np.uint8 else "FP32"
    return ModelCard(
        algorithm=order.algorithm,
        framework="torch",
        inputs=(TensorSpec("image", datatype, (-1, *size, *colours)),),
        outputs=(TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, spec.classes))),
        labels=order.labels,
        preprocessing=preprocessing,
        net=spec.model_dump(mode="json"),
        params=dict(order.params),
        metrics=metrics,
    )
