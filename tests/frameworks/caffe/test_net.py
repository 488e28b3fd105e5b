from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.schema import TRAIN
from tests.frameworks.caffe.making import make_net, parse

INPUT = 'layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }'


def add(*layers: str) -> str:
    return INPUT + "".join(f"layer {{ {layer} }}" for layer in layers)


def ip(name: str, bottom: str, top: str, rest: str = "", *, outputs: int = 3) -> str:
    param = f'inner_product_param {{ num_output: {outputs} weight_filler {{ type: "xavier" }} }}'
    return f'name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{top}" {rest} {param}'


def test_everything_that_is_not_supported_is_said_at_once_before_anything_is_made() -> None:
    text = add('name: "p" type: "Python" top: "y"', 'name: "n" type: "PriorBox" top: "z"', 'name: "r" type: "Relu"')
    with pytest.raises(BadData) as caught:
        make_net(text)
    said = str(caught.value)
    assert "layer p (Python) is not supported: it runs code" in said
    assert "layer n (PriorBox) is not supported" in said
    assert "layer r (Relu) is not supported: did you mean ReLU?" in said


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((ip("a", "nothing", "y"),), "layer a takes nothing, which no layer before it makes"),
        ((ip("a", "x", "y"), ip("a", "y", "z")), "two layers a"),
        ((ip("a", "x", "y"), ip("b", "x", "y")), "another layer before it makes its top y"),
        ((ip("a", "x", "y", outputs=0),), "num_output is 0"),
        (('name: "c" type: "Concat" bottom: "x" top: "y" concat_param { axis: 7 }',), "axis 7 of a blob with 2 axes"),
        (('name: "c" type: "Concat" top: "y"',), "has 0 bottoms, it wants 1 or more"),
        (('name: "l" type: "LRN" bottom: "x" top: "y" lrn_param { norm_region: WITHIN_CHANNEL }',), "cannot take"),
        ((ip("a", "x", "y").replace("xavier", "magic"),), "magic"),
    ],
)
def test_a_net_that_cannot_be_gets_a_sentence(layers: tuple[str, ...], said: str) -> None:
    with pytest.raises((BadData, ValueError), match=said):
        make_net(add(*layers))


def test_shapes_and_outputs_are_known_before_a_batch() -> None:
    net = make_net(add(ip("b", "x", "z"), ip("a", "x", "y"), 'name: "r" type: "ReLU" bottom: "y" top: "y"'))
    assert net.shapes == {"x": (2, 3), "z": (2, 3), "y": (2, 3)}
    assert net.outputs == ["y", "z"]
    assert net.inputs == {"x": (2, 3)}


def test_in_place_layers_leave_what_came_before_them_to_the_gradient() -> None:
    net = make_net(add(ip("a", "x", "y"), 'name: "s" type: "Sigmoid" bottom: "y" top: "y" loss_weight: 1'), TRAIN)
    net.hand_over("x", torch.ones(4, 3))
    net.forward_backward()
    assert net.blobs["y"].shape == (4, 3)
    assert net.params[0].tensor.grad is not None


def test_weights_shared_by_name_are_one_tensor_with_one_update() -> None:
    shared = 'param { name: "w" } param { name: "b" }'
    net = make_net(add(ip("a", "x", "y", shared), ip("b", "y", "z", shared + " loss_weight: 1")), TRAIN)
    assert len(net.params) == 2
    assert net.layers["a"].blobs[0] is net.layers["b"].blobs[0]
    with pytest.raises(BadData, match=r"shares w of shape \[3, 3\] and wants \[2, 3\]"):
        make_net(add(ip("a", "x", "y", shared), ip("b", "y", "z", shared, outputs=2)))


def test_a_rate_of_zero_means_no_gradient_at_all() -> None:
    frozen = "param { lr_mult: 0 } param { lr_mult: 2 } loss_weight: 1"
    net = make_net(add(ip("a", "x", "y", frozen)), TRAIN)
    net.forward_backward()
    assert [param.tensor.grad is None for param in net.params] == [True, False]
    assert net.params[1].lr_mult == 2


def test_propagate_down_stops_the_gradient() -> None:
    stopped = ip("b", "y", "z", "propagate_down: false loss_weight: 1")
    net = make_net(add(ip("a", "x", "y"), stopped), TRAIN)
    net.forward_backward()
    assert net.layers["a"].blobs[0].grad is None
    assert net.layers["b"].blobs[0].grad is not None


def test_force_backward_gives_inputs_a_gradient() -> None:
    net = make_net("force_backward: true " + add(ip("a", "x", "y", "loss_weight: 1")))
    net.forward_backward()
    assert net.blobs["x"].grad is not None


def test_a_net_takes_the_weights_of_another_by_the_names_of_its_layers() -> None:
    first = make_net(add(ip("a", "x", "y"), ip("b", "y", "z")))
    message = parse("NetParameter", add(ip("a", "x", "y"), ip("c", "y", "z")))
    second = Net(message, parse("NetState", ""), NetOrigin("x", Paths((Path(),))), first)
    assert second.layers["a"].blobs[0] is first.layers["a"].blobs[0]
    assert second.layers["c"].blobs[0] is not first.layers["b"].blobs[0]


def test_an_input_that_is_not_there_is_named() -> None:
    with pytest.raises(BadData, match="no input y; its inputs are x"):
        make_net(INPUT).hand_over("y", torch.zeros(1))


def test_a_loss_without_a_top_still_counts() -> None:
    labels = 'name: "l" type: "DummyData" top: "t" dummy_data_param { shape { dim: 2 } }'
    net = make_net(add(labels, 'name: "loss" type: "SoftmaxWithLoss" bottom: "x" bottom: "t"'))
    net.forward()
    assert net.loss.item() == pytest.approx(1.0986, rel=1e-4)
