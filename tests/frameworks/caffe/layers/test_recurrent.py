from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadData
from tests.frameworks.caffe.making import make_net, run_layer

VALUES = np.random.default_rng(0).normal(size=(3, 2, 4))
MARKS = np.array([[0, 0], [1, 1], [1, 1]])
FILLED = 'recurrent_param { num_output: 5 weight_filler { type: "uniform" min: -0.5 max: 0.5 } }'


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_steps_come_out_with_as_many_streams(kind: str) -> None:
    assert run_layer(f'type: "{kind}" top: "a" {FILLED}', VALUES, MARKS)[0].shape == (3, 2, 5)
    assert run_layer(f'type: "{kind}" top: "a" {FILLED}', VALUES, MARKS, np.ones((2, 3)))[0].shape == (3, 2, 5)


def test_a_state_may_be_handed_in_and_out() -> None:
    exposed = FILLED.replace("num_output", "expose_hidden: true num_output")
    state = np.zeros((1, 2, 5))
    tops = run_layer(f'type: "LSTM" top: "a" top: "h" top: "c" {exposed}', VALUES, MARKS, state, state)
    assert [tuple(top.shape) for top in tops] == [(3, 2, 5), (1, 2, 5), (1, 2, 5)]
    assert torch.equal(tops[0][-1], tops[1][0])


def test_a_sequence_goes_on_in_the_next_batch_where_it_is_marked_so() -> None:
    net = make_net(
        'layer { name: "x" type: "Input" top: "x" top: "m" input_param { shape { dim: 3 dim: 2 dim: 4 }'
        f' shape {{ dim: 3 dim: 2 }} }} }} layer {{ name: "r" type: "LSTM" bottom: "x" bottom: "m" top: "y" {FILLED} }}'
    )
    net.hand_over("x", torch.tensor(VALUES, dtype=torch.float32))
    net.hand_over("m", torch.ones(3, 2))
    first, second = net.forward()["y"], net.forward()["y"]
    assert not torch.equal(first, second)
    net.layers["r"].reset()
    assert torch.equal(first, net.forward()["y"])
    net.hand_over("m", torch.tensor(MARKS, dtype=torch.float32))
    assert torch.equal(net.forward()["y"], net.forward()["y"])


def test_marks_of_another_shape_are_refused() -> None:
    with pytest.raises(BadData, match="its marks have shape"):
        run_layer(f'type: "RNN" top: "a" {FILLED}', VALUES, MARKS[:2])
