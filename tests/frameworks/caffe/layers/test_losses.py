from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.blobs import make_blob
from dix.frameworks.caffe.files import write_message
from tests.frameworks.caffe.making import make_net, run_layer

SCORES = np.zeros((2, 2, 3), np.float32)


@pytest.mark.parametrize(
    ("param", "divisor"),
    [
        ("", 6),
        ("normalization: FULL", 6),
        ("normalization: BATCH_SIZE", 2),
        ("normalization: NONE", 1),
        ("normalize: false", 2),
        ("normalize: false normalization: VALID", 6),
        ("ignore_label: 1", 5),
        ("ignore_label: 1 normalization: FULL", 6),
    ],
)
def test_a_softmax_loss_is_divided_as_it_says(param: str, divisor: float) -> None:
    labels = [[0, 0, 0], [0, 0, 1]]
    (top,) = run_layer(f'type: "SoftmaxWithLoss" top: "a" loss_param {{ {param} }}', SCORES, labels)
    counted = 5 if "ignore" in param else 6
    assert top.item() == pytest.approx(counted * math.log(2) / divisor, rel=1e-6)


def test_the_loss_has_a_floor_and_the_gradient_has_not() -> None:
    net = """force_backward: true
    layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
    layer { name: "t" type: "DummyData" top: "t" dummy_data_param { shape { dim: 1 } } }
    layer { name: "l" type: "SoftmaxWithLoss" bottom: "x" bottom: "t" top: "l" top: "p" }"""
    made = make_net(net)
    made.hand_over("x", torch.tensor([[0.0, 200.0]]))
    made.forward_backward()
    assert made.loss.item() == pytest.approx(87.3365, rel=1e-5)
    assert made.blobs["x"].grad.tolist() == [[-1, 1]]
    assert made.blobs["p"].tolist() == [[0, 1]]


def test_a_label_beyond_the_classes_is_named() -> None:
    with pytest.raises(BadData, match="a label is 7; labels go from 0 to 1"):
        run_layer('type: "SoftmaxWithLoss" top: "a"', [[0.0, 0.0]], [7])
    with pytest.raises(BadData, match="3 labels for 2 predictions"):
        run_layer('type: "SoftmaxWithLoss" top: "a"', [[0.0, 0.0]] * 2, [0, 0, 0])


def test_weights_for_pairs_of_classes_come_from_a_bottom_or_a_file(tmp_path: Path) -> None:
    text = 'type: "InfogainLoss" top: "a"'
    (top,) = run_layer(text, [[0.0, 0.0]], [1], np.array([[0, 0], [1, 2]]))
    assert top.item() == pytest.approx(3 * math.log(2))
    write_message(tmp_path / "h.binaryproto", make_blob(np.array([[[[0, 0], [1, 2]]]], np.float32)))
    net = make_net(
        """layer { name: "x" type: "DummyData" top: "x" top: "t"
             dummy_data_param { shape { dim: 1 dim: 2 } shape { dim: 1 } } }
           layer { name: "l" type: "InfogainLoss" bottom: "x" bottom: "t" top: "l"
             infogain_loss_param { source: "h.binaryproto" } }""",
        folder=tmp_path,
    )
    assert net.forward()["l"].item() == 0
    with pytest.raises(BadData, match="9 weights for 2 classes"):
        run_layer(text, [[0.0, 0.0]], [1], np.ones((3, 3)))


def test_hinges_and_distances_are_by_the_number_of_items() -> None:
    (top,) = run_layer('type: "HingeLoss" top: "a"', [[0.5, -2.0], [0.0, 0.0]], [0, 1])
    assert top.item() == pytest.approx((0.5 + 2) / 2)
    (top,) = run_layer('type: "HingeLoss" top: "a" hinge_loss_param { norm: L2 }', [[0.5, -2.0], [0.0, 0.0]], [0, 1])
    assert top.item() == pytest.approx((0.25 + 2) / 2)
    (top,) = run_layer('type: "EuclideanLoss" top: "a"', [[1.0, 2.0]] * 2, [[0.0, 0.0]] * 2)
    assert top.item() == 2.5
    (top,) = run_layer('type: "MultinomialLogisticLoss" top: "a"', [[0.5, 0.5], [0.0, 1.0]], [0, 0])
    assert top.item() == pytest.approx((math.log(2) - math.log(1e-20)) / 2, rel=1e-6)


def test_sigmoid_cross_entropy_is_by_the_batch_unless_told() -> None:
    (top,) = run_layer('type: "SigmoidCrossEntropyLoss" top: "a"', [[0.0, 0.0]], [[1.0, 0.0]])
    assert top.item() == pytest.approx(2 * math.log(2))
    text = 'type: "SigmoidCrossEntropyLoss" top: "a" loss_param { ignore_label: 0 normalization: VALID }'
    (top,) = run_layer(text, [[0.0, 0.0]], [[1.0, 0.0]])
    assert top.item() == pytest.approx(math.log(2))


def test_pairs_are_pulled_or_pushed() -> None:
    (top,) = run_layer('type: "ContrastiveLoss" top: "a"', [[1.0], [0.5]], [[0.0], [0.0]], [1, 0])
    assert top.item() == pytest.approx((1 + 0.25) / 4)
    text = 'type: "ContrastiveLoss" top: "a" contrastive_loss_param { legacy_version: true }'
    (top,) = run_layer(text, [[1.0], [0.5]], [[0.0], [0.0]], [1, 0])
    assert top.item() == pytest.approx((1 + 0.75) / 4)
