from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.schema import TEST, TRAIN
from tests.frameworks.caffe.making import make_net, run_layer

NET = """
layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 4 dim: 2 } } }
layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param { moving_average_fraction: 0.5 } }
"""
VALUES = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 4.0]])


def test_batches_are_summed_while_training_and_used_in_the_test() -> None:
    train, test = make_net(NET, TRAIN), make_net(NET, TEST)
    train.hand_over("x", VALUES)
    for _ in range(2):
        top = train.forward()["y"]
    assert top.mean(dim=0).tolist() == pytest.approx([0, 0], abs=1e-6)
    mean, variance, factor = train.layers["bn"].blobs
    assert factor.item() == 1.5
    assert (mean / factor).tolist() == pytest.approx([2.5, 1])
    assert (variance / factor).tolist() == pytest.approx([5 / 3, 4])
    test.layers["bn"].blobs = train.layers["bn"].blobs
    test.hand_over("x", VALUES)
    wanted = (VALUES - mean / factor) / torch.sqrt(variance / factor + 1e-5)
    np.testing.assert_allclose(test.forward()["y"], wanted, rtol=1e-6)
    assert factor.item() == 1.5


def test_statistics_are_never_learned() -> None:
    net = make_net(NET, TRAIN)
    assert [param.lr_mult for param in net.params] == [0, 0, 0]


def test_without_statistics_the_variance_is_eps() -> None:
    (top,) = run_layer('type: "BatchNorm" top: "a"', [[1.0, 2.0]])
    assert top.tolist()[0] == pytest.approx([1 / np.sqrt(1e-5), 2 / np.sqrt(1e-5)])


def test_neighbours_within_a_channel_are_a_square() -> None:
    (top,) = run_layer(
        'type: "LRN" top: "a" lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 alpha: 9 beta: 1 }',
        np.ones((1, 1, 3, 3)),
    )
    assert top[0, 0, 1, 1].item() == pytest.approx(1 / 10)
    assert top[0, 0, 0, 0].item() == pytest.approx(1 / 5)
    with pytest.raises(BadData, match="must be odd"):
        run_layer('type: "LRN" top: "a" lrn_param { local_size: 4 }', np.ones((1, 4, 1, 1)))


@pytest.mark.parametrize(("across", "rows"), [("false", 6), ("true", 2)])
def test_rows_get_mean_zero_and_deviation_one(across: str, rows: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    (top,) = run_layer(f'type: "MVN" top: "a" mvn_param {{ across_channels: {across} }}', values)
    flat = top.detach().reshape(rows, -1)
    np.testing.assert_allclose(flat.mean(dim=1), 0, atol=1e-6)
    np.testing.assert_allclose(flat.std(dim=1, correction=0), 1, rtol=1e-5)
    top.pow(3).sum().backward()
    (plain,) = run_layer('type: "MVN" top: "a" mvn_param { normalize_variance: false }', values)
    np.testing.assert_allclose(plain.detach().reshape(6, -1).mean(dim=1), 0, atol=1e-6)
