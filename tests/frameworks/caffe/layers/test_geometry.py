from __future__ import annotations

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.layers.base import Layer
from dix.frameworks.caffe.layers.geometry import Window, read_window
from dix.frameworks.caffe.paths import Paths
from tests.frameworks.caffe.making import parse


def read(text: str, axes: int = 2) -> Window:
    spec = parse("LayerParameter", f'name: "c" convolution_param {{ {text} }}')
    return read_window(Layer(spec, Paths(())), spec.convolution_param, axes)


def test_sizes_come_once_for_all_once_for_each_or_as_height_and_width() -> None:
    assert read("kernel_size: 3") == Window((3, 3), (1, 1), (0, 0), (1, 1))
    assert read("kernel_size: [1, 2, 3] dilation: 2", 3) == Window((1, 2, 3), (1, 1, 1), (0, 0, 0), (2, 2, 2))
    assert read("kernel_h: 1 kernel_w: 2 stride_h: 3 stride_w: 4 pad_w: 5") == Window((1, 2), (3, 4), (0, 5), (1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no kernel_size"),
        ("kernel_size: 0", "at least 1"),
        ("kernel_size: 3 stride: 0", r"stride is \[0, 0\]"),
        ("kernel_size: [1, 2, 3]", "3 values of kernel_size for 2 axes"),
        ("kernel_size: 3 kernel_h: 3", "kernel_size and kernel_h"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        read(text)
