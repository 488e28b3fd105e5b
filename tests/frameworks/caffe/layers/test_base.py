from __future__ import annotations

import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.layers.base import Layer, LossLayer, find_axis, flatten_axes, spread, take_value
from dix.frameworks.caffe.paths import Paths
from tests.frameworks.caffe.making import parse


def make(text: str, kind: type[Layer] = Layer) -> Layer:
    return kind(parse("LayerParameter", text), Paths(()))


def test_a_value_may_have_the_gradient_of_another() -> None:
    path = torch.tensor([3.0], requires_grad=True)
    value = take_value(torch.tensor([1.0]), path * 2)
    value.sum().backward()
    assert (value.item(), path.grad.item()) == (1.0, 2.0)


def test_axes_may_count_from_the_end() -> None:
    layer = make('name: "a" type: "Concat"')
    assert [find_axis(layer, axis, 4) for axis in (0, 3, -1, -4)] == [0, 3, 3, 0]
    with pytest.raises(BadData, match=r"layer a \(Concat\): axis 4 of a blob with 4 axes"):
        find_axis(layer, 4, 4)


def test_axes_are_flattened_and_spread() -> None:
    values = torch.zeros(2, 3, 4, 5)
    assert flatten_axes(values, 1, 3).shape == (2, 12, 5)
    assert flatten_axes(values, 1, 1).shape == (2, 1, 3, 4, 5)
    assert spread(torch.zeros(3), 1, 4).shape == (1, 3, 1, 1)


def test_the_first_top_of_a_loss_weighs_one_unless_stated() -> None:
    assert make('top: "a" top: "b"', LossLayer).loss_weights == [1.0, 0.0]
    assert make('top: "a" loss_weight: 0.3', LossLayer).loss_weights == [pytest.approx(0.3)]
    assert make('top: "a" top: "b" loss_weight: 2').loss_weights == [2.0, 0.0]
