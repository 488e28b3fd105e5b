"""The convolutional net as a design: what it is built from, and what its training draws by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dix.frameworks.torch.augment import shift_images
from dix.frameworks.torch.cnn_net import CnnNet, ConvolutionalNet
from dix.frameworks.torch.design import Batch, Design
from dix.frameworks.training import TrainOrder

_NET_PARAMS = ("channels", "kernel", "hidden", "dropout", "batch_norm")


def _plan(order: TrainOrder) -> CnnNet:
    images = order.train.tensors["image"]
    return CnnNet(
        height=images.shape[1],
        width=images.shape[2],
        colours=images.shape[3] if images.ndim == 4 else 1,
        classes=order.outcome.width,
        **{name: order.params[name] for name in _NET_PARAMS if name in order.params},
    )


def _build(spec: CnnNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    net = ConvolutionalNet(spec)
    net.normalize.set_scaling(*(preprocessing[name] for name in ("scale", "mean", "std")))
    return net


def _augment(batch: Batch, params: Mapping[str, Any], chance: torch.Generator) -> Batch:
    most = params.get("augment_shift", 0)
    return {"image": shift_images(batch["image"], most, chance)} if most else batch


def _fuse(net: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it: the same answers with half of the passes over memory."""
    blocks = list(net.blocks)  # type: ignore[arg-type]  # a Sequential
    fused: list[nn.Module] = []
    for block in blocks:
        if isinstance(block, nn.BatchNorm2d):
            fused[-1] = fuse_conv_bn_eval(fused[-1], block)  # type: ignore[type-var]  # the one before is a Conv2d
        else:
            fused.append(block)
    net.blocks = nn.Sequential(*fused)
    return net


CNN = Design(spec=CnnNet, plan=_plan, build=_build, augment=_augment, fuse=_fuse)
