"""ResNet-18 has the size that is known of it, and learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.lookup import load_predictor
from dix.frameworks.torch.residual_net import ResidualNet
from tests.frameworks.conftest import make_stripes


@pytest.mark.parametrize("side", [8, 64])
def test_it_has_as_many_weights_as_the_known_one(side: int) -> None:
    spec = CnnNet(height=side, width=side, colours=3, classes=1000, channels=(1,), architecture="resnet18")
    with torch.device("meta"):
        net = ResidualNet(spec)
    count = sum(weight.numel() for weight in net.parameters())
    # 11,689,512 is torchvision's; the stem of small images has 3 x 3 pixels instead of 7 x 7.
    assert count == 11_689_512 - (64 * 3 * (49 - 9) if side == 8 else 0)


def test_it_learns(train_model: Callable[..., Any]) -> None:
    options = {"architecture": "resnet18", "epochs": 2, "learning_rate": 0.001, "batch_size": 8}
    folder, card, _ = train_model(**options)
    assert card.metrics["accuracy"] > 0.8
    assert load_predictor(folder).predict(make_stripes(3).tensors)["probabilities"].shape == (3, 2)
