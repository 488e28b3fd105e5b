"""The net fits images of any size and normalises them itself."""

from __future__ import annotations

import pytest
import torch

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.torch.cnn_net import ConvolutionalNet, Normalize


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (8, 8), (5, 40), (64, 64), (33, 17)])
@pytest.mark.parametrize("colours", [1, 3])
def test_every_size_of_image_fits(height: int, width: int, colours: int) -> None:
    spec = CnnNet(height=height, width=width, colours=colours, classes=3, channels=(2, 3, 4, 5))
    pixels = torch.zeros((2, height, width) if colours == 1 else (2, height, width, colours), dtype=torch.uint8)
    assert ConvolutionalNet(spec).eval()({"image": pixels}).shape == (2, 3)


def test_the_hidden_layer_can_be_left_out() -> None:
    spec = CnnNet(height=4, width=4, colours=1, classes=2, channels=(2,), hidden=0, batch_norm=False)
    assert ConvolutionalNet(spec)({"image": torch.zeros(1, 4, 4)}).shape == (1, 2)


def test_normalize_scales_and_normalises_each_colour() -> None:
    normalize = Normalize(2)
    normalize.set_scaling(255.0, [0.5, 0.0], [0.25, 1.0])
    pixels = torch.tensor([255, 51], dtype=torch.uint8).reshape(1, 1, 1, 2)
    torch.testing.assert_close(normalize(pixels).flatten(), torch.tensor([2.0, 0.2]))
