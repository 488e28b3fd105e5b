"""The nets fit images of any size; with the same weights they say what those of torch say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch

from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.tensorflow.cnn_net import ConvolutionalNet
from dix.frameworks.tensorflow.saving import collect_weights, put_weights
from dix.frameworks.torch.cnn_net import ConvolutionalNet as TorchNet


def make_pixels(spec: CnnNet, count: int) -> Any:
    shape = (count, spec.height, spec.width) + ((spec.colours,) if spec.colours > 1 else ())
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (5, 40), (33, 17)])
@pytest.mark.parametrize("colours", [1, 3])
def test_the_same_weights_say_the_same_as_on_torch(height: int, width: int, colours: int) -> None:
    spec = CnnNet(height=height, width=width, colours=colours, classes=3, channels=(2, 3, 4), kernel=5)
    net, other = ConvolutionalNet(spec), TorchNet(spec).eval()
    scaling = (255.0, [0.5] * colours, [0.25] * colours)
    net.normalize.set_scaling(*scaling)
    other.normalize.set_scaling(*scaling)
    copy_weights(other, net)
    pixels = make_pixels(spec, 4)
    with torch.no_grad():
        expected = other({"image": torch.from_numpy(pixels)}).numpy()
    np.testing.assert_allclose(net({"image": tf.constant(pixels)}).numpy(), expected, rtol=1e-4, atol=1e-5)


def copy_weights(other: TorchNet, net: ConvolutionalNet) -> None:
    """Give the net the weights of one of torch, whose images have the colours first."""
    convs = [one for one in other.blocks if isinstance(one, torch.nn.Conv2d)]
    norms = [one for one in other.blocks if isinstance(one, torch.nn.BatchNorm2d)]
    dense = [one for one in other.head if isinstance(one, torch.nn.Linear)]
    mine = collect_weights(net)
    for i, (conv, norm) in enumerate(zip(convs, norms, strict=True)):
        mine[f"conv_{i}.kernel"] = conv.weight.detach().permute(2, 3, 1, 0).numpy()
        mine[f"norm_{i}.moving_mean"] = (norm.running_mean + 0.1).numpy()
        norm.running_mean += 0.1
    channels = convs[-1].out_channels
    places = dense[0].in_features // channels
    columns = dense[0].weight.detach().reshape(-1, channels, places).permute(2, 1, 0)
    mine["hidden.kernel"] = columns.reshape(channels * places, -1).numpy()
    mine["hidden.bias"] = dense[0].bias.detach().numpy()
    mine["classes.kernel"], mine["classes.bias"] = dense[1].weight.detach().T.numpy(), dense[1].bias.detach().numpy()
    put_weights(net, mine)


def test_the_hidden_layer_can_be_left_out() -> None:
    spec = CnnNet(height=4, width=4, colours=1, classes=2, channels=(2,), hidden=0, batch_norm=False)
    assert ConvolutionalNet(spec)({"image": tf.zeros((1, 4, 4))}).shape == (1, 2)


def test_the_seed_alone_decides_on_the_first_weights() -> None:
    spec = CnnNet(height=4, width=4, colours=1, classes=2, channels=(2, 2))
    first, again, other = (collect_weights(ConvolutionalNet(spec, seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["conv_0.kernel"], other["conv_0.kernel"])
