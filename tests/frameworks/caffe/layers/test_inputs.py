from __future__ import annotations

import pytest
import torch

from dix.errors import BadData
from tests.frameworks.caffe.making import make_net


def test_inputs_are_zeros_until_they_are_handed_over() -> None:
    net = make_net('layer { name: "i" type: "Input" top: "a" top: "b" input_param { shape { dim: 2 } } }')
    assert net.forward()["b"].tolist() == [0, 0]
    net.hand_over("b", torch.ones(3))
    assert net.forward()["b"].tolist() == [1, 1, 1]
    with pytest.raises(BadData, match="2 shapes for 1 tops"):
        make_net('layer { name: "i" type: "Input" top: "a" input_param { shape { dim: 2 } shape { dim: 2 } } }')


def test_made_up_data_is_constant_or_new_for_each_batch() -> None:
    text = """layer { name: "d" type: "DummyData" top: "a" top: "b"
      dummy_data_param { num: 2 channels: 1 height: 1 width: 3
      data_filler { value: 4 } data_filler { type: "gaussian" } } }"""
    net = make_net(text)
    first, second = net.forward(), net.forward()
    assert first["a"].unique().tolist() == [4]
    assert first["b"].shape == (2, 1, 1, 3)
    assert not torch.equal(first["b"], second["b"])
    with pytest.raises(BadData, match="one for each"):
        make_net(text.replace('top: "b"', 'top: "b" top: "c"'))
