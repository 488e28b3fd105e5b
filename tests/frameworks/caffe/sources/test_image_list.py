from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dix.errors import BadData
from dix.frameworks.caffe.net import Net
from tests.frameworks.caffe.making import make_net


def write(folder: Path, count: int) -> None:
    for i in range(count):
        Image.fromarray(np.full((3, 4, 3), i, np.uint8)).save(folder / f"an image {i}.png")
    lines = [f"an image {i}.png {i}" for i in range(count)]
    (folder / "list.txt").write_text("\n".join(lines) + "\n")


def read(folder: Path, more: str = "") -> Net:
    param = f'image_data_param {{ source: "list.txt" batch_size: 2 root_folder: "./" {more} }}'
    return make_net(f'layer {{ name: "d" type: "ImageData" top: "data" top: "label" {param} }}', folder=folder)


def test_images_come_in_the_order_of_the_list(tmp_path: Path) -> None:
    write(tmp_path, 3)
    net = read(tmp_path)
    assert net.shapes == {"data": (2, 3, 3, 4), "label": (2,)}
    assert [net.forward()["label"].tolist() for _ in range(3)] == [[0, 1], [2, 0], [1, 2]]
    assert net.forward()["data"][1].unique().tolist() == [1]
    assert read(tmp_path, "new_height: 5 new_width: 6 is_color: false").shapes["data"] == (2, 1, 5, 6)


def test_shuffled_images_come_all_once_an_epoch(tmp_path: Path) -> None:
    write(tmp_path, 6)
    net = read(tmp_path, "shuffle: true")
    assert sorted(value for _ in range(3) for value in net.forward()["label"].tolist()) == [0, 1, 2, 3, 4, 5]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with pytest.raises(BadData, match="one of new_height and new_width"):
        read(tmp_path, "new_height: 5")
    (tmp_path / "list.txt").write_text("a.png 1\nb.png one\n")
    with pytest.raises(BadData, match=r"list\.txt: line 2 does not end in a label"):
        read(tmp_path)
    (tmp_path / "list.txt").write_text("")
    with pytest.raises(BadData, match="names no image"):
        read(tmp_path)
