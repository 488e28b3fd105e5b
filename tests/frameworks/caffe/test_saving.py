from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from dix.errors import BadModel
from dix.frameworks.base import TensorSpec
from dix.frameworks.caffe.files import write_mean
from dix.frameworks.caffe.saving import SaveOrder, load_net, save_model
from dix.frameworks.caffe.schema import TEST
from dix.frameworks.caffe.weights import to_array
from dix.frameworks.lookup import load_predictor
from tests.frameworks.caffe.making import NET, make_net, write_lmdb, write_project

IMAGES = """
layer {{ name: "d" type: "Data" top: "data" top: "label" transform_param {{ {transform} }}
  data_param {{ source: "records" batch_size: 2 backend: LMDB }} }}
layer {{ name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param {{ num_output: 4 kernel_size: 3 weight_filler {{ type: "xavier" }} }} }}
layer {{ name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param {{ kernel_size: 2 stride: 2 }} }}
layer {{ name: "relu" type: "ReLU" bottom: "pool" top: "pool" }}
layer {{ name: "ip" type: "InnerProduct" bottom: "pool" top: "ip"
  inner_product_param {{ num_output: 3 weight_filler {{ type: "xavier" }} }} }}
layer {{ name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }}
"""


def save(folder: Path, text: str) -> SaveOrder:
    net = make_net(text, TEST, folder)
    (folder / "model").mkdir()
    order = SaveOrder(folder / "model", net, net, {"solver": "s"}, {"loss": 1.0})
    save_model(order)
    return order


def test_a_saved_net_is_loaded_with_its_weights(tmp_path: Path) -> None:
    write_project(tmp_path)
    order = save(tmp_path, NET)
    net = load_net(order.folder)
    assert net.outputs == ["prob"]
    np.testing.assert_array_equal(to_array(net.layers["ip"].blobs[0]), to_array(order.trained.layers["ip"].blobs[0]))
    assert not net.params[0].tensor.requires_grad


def test_the_card_says_what_is_handed_over(tmp_path: Path) -> None:
    write_project(tmp_path)
    net = make_net(NET, TEST, tmp_path)
    card = save_model(SaveOrder(tmp_path, net, net, {"solver": "s"}, {"loss": 1.0}))
    assert card.inputs == (TensorSpec("data", "FP32", (-1, 3)),)
    assert card.labels == ("0", "1")
    assert (card.params, card.metrics) == ({"solver": "s"}, {"loss": 1.0})


@pytest.mark.parametrize(
    ("transform", "channels", "shape"),
    [
        ("scale: 0.5", 1, (-1, 8, 8)),
        ("crop_size: 6 mean_value: 3", 3, (-1, -1, -1, 3)),
        ('crop_size: 6 mean_file: "m"', 3, (-1, 8, 8, 3)),
    ],
)
def test_a_net_of_images_takes_raw_pixels(
    tmp_path: Path, transform: str, channels: int, shape: tuple[int, ...]
) -> None:
    write_lmdb(tmp_path / "records", np.zeros((2, channels, 8, 8)), [0, 1])
    write_mean(tmp_path / "m", np.zeros((channels, 8, 8), np.float32))
    net = make_net(IMAGES.format(transform=transform), TEST, tmp_path)
    (tmp_path / "model").mkdir()
    card = save_model(SaveOrder(tmp_path / "model", net, net))
    assert card.inputs == (TensorSpec("image", "UINT8", shape),)


def test_probabilities_of_a_net_without_inner_products_are_of_the_same_form(tmp_path: Path) -> None:
    net = make_net("""
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 dim: 4 dim: 4 } } }
      layer { name: "pool" type: "Pooling" bottom: "x" top: "pool" pooling_param { pool: AVE global_pooling: true } }
      layer { name: "answer" type: "Softmax" bottom: "pool" top: "answer" }""")
    card = save_model(SaveOrder(tmp_path, net, net))
    assert (card.labels, card.outputs[1].shape) == (("0", "1", "2"), (-1, 3))
    answer = load_predictor(tmp_path).predict({"x": np.zeros((5, 3, 4, 4), np.float32)})
    assert answer["probabilities"].shape == (5, 3)


def test_a_net_without_probabilities_answers_its_last_blob(tmp_path: Path) -> None:
    net = make_net("""
      layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
      layer { name: "act" type: "TanH" bottom: "x" top: "y" }""")
    card = save_model(SaveOrder(tmp_path, net, net))
    assert (card.labels, card.outputs) == ((), (TensorSpec("y", "FP32", (-1, 3)),))
    assert load_predictor(tmp_path).predict({"x": np.zeros((0, 3), np.float32)})["y"].shape == (0, 3)


def test_opencv_reads_the_model_and_answers_the_same(tmp_path: Path) -> None:
    write_lmdb(tmp_path / "records", np.zeros((2, 3, 8, 8)), [0, 1])
    order = save(tmp_path, IMAGES.format(transform="scale: 0.5"))
    other = cv2.dnn.readNetFromCaffe(str(order.folder / "deploy.prototxt"), str(order.folder / "weights.caffemodel"))
    values = np.random.default_rng(0).normal(size=(5, 3, 8, 8)).astype(np.float32)
    other.setInput(values)
    net = load_net(order.folder)
    net.hand_over("data", torch.from_numpy(values))
    np.testing.assert_allclose(net.forward()["prob"], other.forward(), atol=1e-5)


def test_a_folder_that_does_not_hold_a_whole_net_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path)
    order = save(tmp_path, NET)
    (order.folder / "weights.caffemodel").write_bytes(b"\xff")
    with pytest.raises(BadModel, match="not a binary NetParameter"):
        load_net(order.folder)
    (order.folder / "deploy.prototxt").unlink()
    with pytest.raises(BadModel, match=r"deploy\.prototxt"):
        load_net(order.folder)
