from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadData
from tests.frameworks.caffe.making import run_layer

ONES = np.ones((1, 2, 3, 3), np.float32)


def test_several_bottoms_share_the_weights() -> None:
    text = 'type: "Convolution" top: "a" top: "b" convolution_param { num_output: 1 kernel_size: 3 bias_term: false }'
    tops = run_layer(text, ONES, ONES * 2, blobs=(np.ones((1, 2, 3, 3)),))
    assert [top.item() for top in tops] == [18, 36]


def test_groups_see_their_own_channels_only() -> None:
    text = 'type: "Convolution" top: "a" convolution_param { num_output: 2 kernel_size: 3 group: 2 }'
    (top,) = run_layer(text, ONES * [[[[1]], [[10]]]], blobs=(np.ones((2, 1, 3, 3)), [0.5, 0]))
    assert top.flatten().tolist() == [9.5, 90]
    with pytest.raises(BadData, match="multiples of the group"):
        run_layer(text.replace("num_output: 2", "num_output: 3"), ONES)


def test_a_deconvolution_enlarges() -> None:
    text = (
        'type: "Deconvolution" top: "a" convolution_param { num_output: 1 kernel_size: 2 stride: 2 bias_term: false }'
    )
    (top,) = run_layer(text, np.ones((1, 1, 2, 2)), blobs=(np.ones((1, 1, 2, 2)),))
    assert top.shape == (1, 1, 4, 4)


def test_columns_are_the_windows() -> None:
    (top,) = run_layer('type: "Im2col" top: "a" convolution_param { kernel_size: 2 }', ONES)
    assert top.shape == (1, 8, 2, 2)


def test_an_inner_product_flattens_from_its_axis_on() -> None:
    text = (
        'type: "InnerProduct" top: "a" inner_product_param { num_output: 1 axis: 2 bias_term: false transpose: true }'
    )
    (top,) = run_layer(text, ONES, blobs=(np.ones((9, 1)),))
    assert top.shape == (1, 2, 1)
    assert top.flatten().tolist() == [9, 9]


def test_rows_of_a_table_are_chosen_and_learn() -> None:
    text = 'type: "Embed" top: "a" embed_param { num_output: 2 input_dim: 3 }'
    (top,) = run_layer(text, [2, 0], blobs=([[1, 2], [3, 4], [5, 6]], [10, 20]))
    assert top.tolist() == [[15, 26], [11, 22]]


def test_four_axes_behind_the_channels_are_too_many() -> None:
    with pytest.raises(BadData, match="only one to three"):
        run_layer('type: "Convolution" top: "a" convolution_param { num_output: 1 kernel_size: 1 }', np.ones((1,) * 6))
