"""The convolutional net as a design: what it is built from, and what its training draws by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dix.frameworks.cnn_spec import CnnNet, plan_cnn
from dix.frameworks.torch.augment import flip_images, shift_images
from dix.frameworks.torch.cnn_net import ConvolutionalNet
from dix.frameworks.torch.design import Batch, Design
from dix.frameworks.torch.residual_net import ResidualNet


def _build(spec: CnnNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    net = (ResidualNet if spec.architecture == "resnet18" else ConvolutionalNet)(spec)
    net.normalize.set_scaling(*(preprocessing[name] for name in ("scale", "mean", "std")))
    return net


def _augment(batch: Batch, params: Mapping[str, Any], chance: torch.Generator) -> Batch:
    images = batch["image"]
    if params.get("augment_flip", False):
        images = flip_images(images, chance)
    if params.get("augment_shift", 0):
        images = shift_images(images, params["augment_shift"], chance)
    return {"image": images}


def _fuse(net: nn.Module) -> nn.Module:
    """Fold each batch norm into the convolution before it: the same answers with half of the passes over memory."""
    if isinstance(net, ResidualNet):
        return net
    blocks = list(net.blocks)  # type: ignore[arg-type]  # a Sequential
    fused: list[nn.Module] = []
    for block in blocks:
        if isinstance(block, nn.BatchNorm2d):
            fused[-1] = fuse_conv_bn_eval(fused[-1], block)  # type: ignore[type-var]  # the one before is a Conv2d
        else:
            fused.append(block)
    net.blocks = nn.Sequential(*fused)
    return net


CNN = Design(spec=CnnNet, plan=plan_cnn, build=_build, augment=_augment, fuse=_fuse)
