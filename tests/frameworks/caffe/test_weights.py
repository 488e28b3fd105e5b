from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.weights import load_weights, make_weights, save_weights, to_array
from tests.frameworks.caffe.making import make_net

TEXT = """
layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
layer { name: "a" type: "InnerProduct" bottom: "x" top: "y"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } bias_filler { type: "uniform" } } }
layer { name: "b" type: "PReLU" bottom: "y" top: "z" prelu_param { channel_shared: true } }
"""


@pytest.mark.parametrize("name", ["net.caffemodel", "net.caffemodel.h5"])
def test_weights_survive_being_written_in_both_formats(tmp_path: Path, name: str) -> None:
    net = make_net(TEXT)
    with torch.no_grad():
        net.layers["b"].blobs[0].fill_(0.5)
    save_weights(net, tmp_path / name, with_gradients=True)
    other = make_net(TEXT.replace("xavier", "constant"))
    assert load_weights(other, tmp_path / name) == ["a", "b"]
    for layer in ("a", "b"):
        for ours, theirs in zip(net.layers[layer].blobs, other.layers[layer].blobs, strict=True):
            np.testing.assert_array_equal(to_array(ours), to_array(theirs))


def test_layers_of_other_names_are_left_alone(tmp_path: Path) -> None:
    save_weights(make_net(TEXT), tmp_path / "net.caffemodel")
    tuned = make_net(TEXT.replace('name: "a"', 'name: "new"'))
    before = to_array(tuned.layers["new"].blobs[0]).copy()
    assert load_weights(tuned, tmp_path / "net.caffemodel") == ["b"]
    np.testing.assert_array_equal(before, to_array(tuned.layers["new"].blobs[0]))


def test_a_layer_of_another_shape_is_refused_by_name(tmp_path: Path) -> None:
    save_weights(make_net(TEXT), tmp_path / "net.caffemodel")
    with pytest.raises(BadData, match=r"blob 0 of layer a has shape \[4, 3\], the net's \[5, 3\]; rename the layer"):
        load_weights(make_net(TEXT.replace("num_output: 4", "num_output: 5")), tmp_path / "net.caffemodel")
    with pytest.raises(BadData, match="layer a has 2 blobs in it and 1 in the net"):
        load_weights(
            make_net(TEXT.replace("num_output: 4", "num_output: 4 bias_term: false")), tmp_path / "net.caffemodel"
        )


def test_a_written_net_names_its_layers_and_types() -> None:
    message = make_weights(make_net(TEXT))
    assert [(layer.name, layer.type, len(layer.blobs)) for layer in message.layer] == [
        ("in", "Input", 0), ("a", "InnerProduct", 2), ("b", "PReLU", 1),
    ]  # fmt: skip
