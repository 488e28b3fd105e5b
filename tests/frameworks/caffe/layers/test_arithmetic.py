from __future__ import annotations

import numpy as np
import pytest
import torch

from dix.errors import BadData
from tests.frameworks.caffe.making import make_net, run_layer


@pytest.mark.parametrize(
    ("param", "wanted"),
    [("operation: PROD", 24), ("", 9), ("coeff: [1, -1, 2]", 7), ("operation: MAX", 4)],
)
def test_blobs_are_joined_value_by_value(param: str, wanted: float) -> None:
    (top,) = run_layer(f'type: "Eltwise" top: "a" eltwise_param {{ {param} }}', [[2]], [[3]], [[4]])
    assert top.item() == wanted


def test_of_two_equal_ones_the_second_learns() -> None:
    (top,) = run_layer('type: "Eltwise" top: "a" eltwise_param { operation: MAX }', [[2]], [[2]])
    left, right = torch.autograd.grad(top.sum(), [top.grad_fn.next_functions[i][0].variable for i in (0, 1)])
    assert (left.item(), right.item()) == (0, 1)


def test_shapes_and_coefficients_must_fit() -> None:
    with pytest.raises(BadData, match="make them equal"):
        run_layer('type: "Eltwise" top: "a"', [[1]], [[1, 2]])
    with pytest.raises(BadData, match="one number for each bottom"):
        run_layer('type: "Eltwise" top: "a" eltwise_param { coeff: 1 }', [[1]], [[1]])


def test_numbers_lie_along_the_axes_they_are_for() -> None:
    values = np.ones((2, 3, 2))
    (top,) = run_layer(
        'type: "Scale" top: "a" scale_param { bias_term: true }', values, blobs=([1, 2, 3], [10, 20, 30])
    )
    assert top[0, :, 0].tolist() == [11, 22, 33]
    (top,) = run_layer('type: "Bias" top: "a" bias_param { axis: 0 num_axes: -1 }', values, blobs=(np.ones((2, 3, 2)),))
    assert top.unique().tolist() == [2]
    (top,) = run_layer('type: "Scale" top: "a" scale_param { num_axes: 0 }', values, blobs=(np.float32(3),))
    assert top.unique().tolist() == [3]
    (top,) = run_layer('type: "Scale" top: "a" scale_param { axis: 0 }', values, [2, 3])
    assert top[:, 0, 0].tolist() == [2, 3]
    with pytest.raises(BadData, match="do not lie along axis 1"):
        run_layer('type: "Scale" top: "a"', values, [1, 2])


def test_learned_numbers_are_a_blob_of_their_own() -> None:
    net = make_net('layer { name: "p" type: "Parameter" top: "x" parameter_param { shape { dim: 2 dim: 1 } } }')
    assert net.forward()["x"].shape == (2, 1)
