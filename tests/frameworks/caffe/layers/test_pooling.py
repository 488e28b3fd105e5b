from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadData
from tests.frameworks.caffe.making import run_layer

IMAGE = np.arange(81, dtype=np.float32).reshape(1, 1, 9, 9)


def pool(text: str, image: object = IMAGE, tops: str = 'top: "a"') -> list[torch.Tensor]:
    return run_layer(f'type: "Pooling" {tops} pooling_param {{ {text} }}', image)


def test_windows_are_counted_up_even_where_the_last_lies_beyond_the_image() -> None:
    (top,) = pool("pool: AVE kernel_size: 2 stride: 3")
    assert top.shape == (1, 1, 4, 4)
    assert torch.isnan(top[0, 0, 3]).all()
    assert pool("kernel_size: 2 stride: 3 round_mode: FLOOR")[0].shape == (1, 1, 3, 3)


def test_a_mean_counts_padding_up_to_its_outer_end() -> None:
    (top,) = pool("pool: AVE kernel_size: 3 stride: 2 pad: 1", np.ones((1, 1, 4, 4)))
    assert top[0, 0, 0, 0].item() == pytest.approx(4 / 9)
    assert top[0, 0, 2, 2].item() == pytest.approx(1 / 4)


def test_places_of_the_largest_are_a_second_top_without_a_gradient() -> None:
    top, places = pool("kernel_size: 3 stride: 3 pad: 1", tops='top: "a" top: "b"')
    assert places[0, 0, 0].tolist() == top[0, 0, 0].tolist()
    top.sum().backward()
    assert not places.requires_grad


def test_global_pooling_takes_the_whole_image() -> None:
    assert pool("pool: AVE global_pooling: true")[0].item() == 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pool: STOCHASTIC kernel_size: 2", "not supported with STOCHASTIC"),
        ("kernel_size: 2 pad: 2", "not smaller than its kernel"),
        ("kernel_size: 40 round_mode: FLOOR", "larger than its image"),
        ("stride: 1", "give it both"),
    ],
)
def test_windows_that_cannot_be_are_refused(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        pool(text)


def test_a_pyramid_lies_side_by_side() -> None:
    (top,) = run_layer('type: "SPP" top: "a" spp_param { pyramid_height: 3 pool: AVE }', np.ones((2, 3, 9, 9)))
    assert top.shape == (2, 3 * (1 + 4 + 16))
    (whole,) = run_layer('type: "SPP" top: "a" spp_param { pyramid_height: 1 }', IMAGE)
    assert whole.shape == (1, 1, 1, 1)
    assert whole.item() == 80
