"""The convolutional net as a design: what it is built from, and what its training draws by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dix.frameworks.cnn_spec import CnnNet, plan_cnn
from dix.frameworks.tensorflow.augment import flip_images, shift_images
from dix.frameworks.tensorflow.cnn_net import ConvolutionalNet
from dix.frameworks.tensorflow.design import Batch, Design, Weights
from dix.frameworks.tensorflow.layers import NORM_EPSILON
from dix.frameworks.tensorflow.residual_net import ResidualNet


def _build(spec: CnnNet, preprocessing: Mapping[str, Any], seed: int = 0) -> keras.Model:
    net = (ResidualNet if spec.architecture == "resnet18" else ConvolutionalNet)(spec, seed)
    net.normalize.set_scaling(*(preprocessing[name] for name in ("scale", "mean", "std")))
    return net


def _augment(batch: Batch, params: Mapping[str, Any], chance: tf.random.Generator) -> Batch:
    images = batch["image"]
    if params.get("augment_flip", False):
        images = flip_images(images, chance)
    if params.get("augment_shift", 0):
        images = shift_images(images, params["augment_shift"], chance)
    return {"image": images}


def _fuse(spec: CnnNet, weights: Weights) -> tuple[CnnNet, Weights]:
    """Fold each batch norm into the convolution before it: the same answers with half of the passes over memory."""
    if spec.architecture != "plain" or not spec.batch_norm:
        return spec, weights
    fused = {name: values for name, values in weights.items() if not name.startswith("norm_")}
    for i in range(len(spec.channels)):
        gamma, beta, mean, variance = (
            weights[f"norm_{i}.{name}"] for name in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        factor = gamma / np.sqrt(variance + NORM_EPSILON)
        fused[f"conv_{i}.kernel"] = weights[f"conv_{i}.kernel"] * factor
        fused[f"conv_{i}.bias"] = beta - mean * factor
    return spec.model_copy(update={"batch_norm": False}), fused


CNN = Design(spec=CnnNet, plan=plan_cnn, build=_build, augment=_augment, fuse=_fuse)
