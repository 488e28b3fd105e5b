from __future__ import annotations

import numpy as np
import pytest

from dix.errors import BadData
from tests.frameworks.caffe.making import run_layer

SCORES = [[1.0, 3.0, 2.0], [5.0, 5.0, 5.0]]


def test_a_tie_counts_against_the_label() -> None:
    (top,) = run_layer('type: "Accuracy" top: "a"', SCORES, [1, 0])
    assert top.item() == 0.5
    (top,) = run_layer('type: "Accuracy" top: "a" accuracy_param { top_k: 2 }', SCORES, [2, 0])
    assert top.item() == 0.5


def test_labels_to_ignore_do_not_count_and_classes_are_told_apart() -> None:
    text = 'type: "Accuracy" top: "a" top: "b" accuracy_param { ignore_label: 0 }'
    whole, classes = run_layer(text, [*SCORES, [0.0, 9.0, 0.0]], [1, 0, 2])
    assert whole.item() == 0.5
    assert classes.tolist() == [0, 1, 0]
    with pytest.raises(BadData, match="2 labels for 3 predictions"):
        run_layer('type: "Accuracy" top: "a"', [*SCORES, SCORES[0]], [1, 0])


def test_of_equal_values_the_later_place_comes_first() -> None:
    (top,) = run_layer('type: "ArgMax" top: "a" argmax_param { top_k: 2 }', SCORES)
    assert top.shape == (2, 1, 2)
    assert top.flatten().tolist() == [1, 2, 2, 1]
    (top,) = run_layer('type: "ArgMax" top: "a" argmax_param { out_max_val: true }', SCORES)
    assert top[:, :, 0].tolist() == [[1, 3], [2, 5]]
    with pytest.raises(BadData, match="top_k is 9"):
        run_layer('type: "ArgMax" top: "a" argmax_param { top_k: 9 }', SCORES)


@pytest.mark.parametrize(
    ("operation", "wanted"), [("SUM", [-2, 4]), ("ASUM", [4, 4]), ("SUMSQ", [10, 10]), ("MEAN", [-1, 2])]
)
def test_rows_are_reduced(operation: str, wanted: list[float]) -> None:
    text = f'type: "Reduction" top: "a" reduction_param {{ operation: {operation} axis: 1 coeff: 1 }}'
    assert run_layer(text, [[-3, 1], [3, 1]])[0].tolist() == wanted


def test_probabilities_sum_to_one_along_their_axis() -> None:
    (top,) = run_layer('type: "Softmax" top: "a" softmax_param { axis: 0 }', SCORES)
    np.testing.assert_allclose(top.detach().sum(dim=0), 1, rtol=1e-6)
