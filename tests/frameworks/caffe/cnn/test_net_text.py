"""The text of a net is one that Caffe builds, of the sizes that it should have."""

from __future__ import annotations

import pytest

from dix.frameworks.caffe.cnn.feed import Feed
from dix.frameworks.caffe.cnn.net_text import NetOrder, write_net
from dix.frameworks.caffe.schema import TEST, TRAIN
from dix.frameworks.cnn_spec import CnnNet
from tests.frameworks.caffe.making import make_net

FEED = Feed((1.0,), 0.5)


def spec(**changes: object) -> CnnNet:
    return CnnNet.model_validate({"height": 28, "width": 28, "colours": 1, "classes": 3, "channels": [4, 8]} | changes)


def test_a_plain_net_has_a_block_for_each_of_its_channels() -> None:
    net = make_net(write_net(NetOrder(spec(channels=[4, 8, 6], dropout=0.5), FEED, 5)), TRAIN)
    kinds = [layer.spec.type for layer in net.layers.values()]
    block = ["Convolution", "BatchNorm", "Scale", "ReLU", "Pooling"]
    assert kinds == ["MemoryData", *block * 3, "InnerProduct", "ReLU", "Dropout", "InnerProduct", "SoftmaxWithLoss"]
    assert net.shapes["classes"] == (5, 3)
    assert net.shapes["pool2"] == (5, 6, 4, 4)


@pytest.mark.parametrize(("size", "places"), [((40, 9), (4, 3)), ((16, 12), (4, 3)), ((18, 4), (3, 2))])
def test_what_is_left_of_an_image_is_averaged_to_at_most_four_places(
    size: tuple[int, int], places: tuple[int, int]
) -> None:
    net = make_net(write_net(NetOrder(spec(height=size[0], width=size[1], channels=[4]), FEED, 2)))
    assert net.shapes["average"] == (2, 4, *places)


@pytest.mark.parametrize(("side", "stem"), [(32, (64, 32, 32)), (64, (64, 17, 17))])
def test_a_residual_net_has_eighteen_layers_of_weights(side: int, stem: tuple[int, ...]) -> None:
    net = make_net(write_net(NetOrder(spec(height=side, width=side, architecture="resnet18"), FEED, 2)))
    weighted = [layer for layer in net.layers.values() if layer.spec.type in {"Convolution", "InnerProduct"}]
    assert len(weighted) - 3 == 18  # three of them bring what came in to the size of what is said
    assert net.shapes["stage0_0_b"][1:] == stem
    assert net.shapes["average"] == (2, 512, 1, 1)


def test_images_change_by_chance_and_classes_weigh_while_training_only() -> None:
    text = write_net(NetOrder(spec(), FEED, 2, crop=28, mirror=True))
    data = {phase: make_net(text, phase).layers["images"].spec.transform_param for phase in (TRAIN, TEST)}
    assert (data[TRAIN].crop_size, data[TRAIN].mirror) == (28, True)
    assert (data[TEST].crop_size, data[TEST].mirror) == (0, False)
    text = write_net(NetOrder(spec(), FEED, 2, weighs_classes=True))
    assert 'type: "InfogainLoss"' in text
    assert make_net(text, TEST).layers["loss"].spec.type == "SoftmaxWithLoss"
