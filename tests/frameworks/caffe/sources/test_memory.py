from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.sources.memory import MemoryData
from tests.frameworks.caffe.making import make_net

NET = """layer { name: "d" type: "MemoryData" top: "x" top: "t"
  memory_data_param { batch_size: 2 channels: 1 height: 1 width: 1 } }"""


def test_arrays_are_handed_over_and_cut_into_batches() -> None:
    net = make_net(NET)
    layer = net.layers["d"]
    assert isinstance(layer, MemoryData)
    with pytest.raises(BadData, match="nothing was handed over"):
        net.forward()
    layer.hand_over(torch.zeros(4, 1, 1, 1), torch.arange(4))
    assert [net.forward()["t"].tolist() for _ in range(3)] == [[0, 1], [2, 3], [0, 1]]
    with pytest.raises(BadData, match="a multiple of 2 rows"):
        layer.hand_over(torch.zeros(3, 1, 1, 1), torch.arange(3))


def test_images_are_cropped_mirrored_and_scaled_on_their_way_in() -> None:
    head, tail = NET.split("memory_data_param")
    text = head + "transform_param { mean_value: 1 scale: 2 crop_size: 1 mirror: true } memory_data_param" + tail
    layer = make_net(text).layers["d"]
    assert isinstance(layer, MemoryData)
    images = np.arange(18, dtype=np.uint8).reshape(2, 1, 3, 3)
    layer.add_images(images, torch.arange(2), np.random.default_rng(0))
    assert layer.forward([])[0].flatten().tolist() == [6, 24]
