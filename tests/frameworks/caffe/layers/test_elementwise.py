from __future__ import annotations

import math

import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.schema import TRAIN
from tests.frameworks.caffe.making import run_layer


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ('type: "ReLU" relu_param { negative_slope: 0.5 }', -2, -1),
        ('type: "ELU" elu_param { alpha: 2 }', -1, 2 * (math.exp(-1) - 1)),
        ('type: "AbsVal"', -3, 3),
        ('type: "BNLL"', 2, math.log(1 + math.exp(2))),
        ('type: "Power" power_param { power: 2 scale: 3 shift: 1 }', 2, 49),
        ('type: "Power" power_param { power: 0 }', 2, 1),
        ('type: "Exp" exp_param { base: 2 scale: 3 shift: 1 }', 1, 16),
        ('type: "Exp" exp_param { shift: 1 }', 1, math.exp(2)),
        ('type: "Log" log_param { base: 2 scale: 3 shift: 2 }', 2, 3),
        ('type: "Clip" clip_param { min: -1 max: 1 }', 3, 1),
        ('type: "Threshold" threshold_param { threshold: 1 }', 1, 0),
        ('type: "Swish" swish_param { beta: 2 }', 1, 1 / (1 + math.exp(-2))),
        ('type: "Dropout"', 3, 3),
    ],
)
def test_each_computes_its_function(text: str, value: float, wanted: float) -> None:
    (top,) = run_layer(f'{text} top: "a"', [[value]])
    assert top.item() == pytest.approx(wanted, rel=1e-6)


def test_a_learned_slope_is_one_for_each_channel_or_for_all() -> None:
    (top,) = run_layer('type: "PReLU" top: "a"', [[-1, -1]], blobs=([0.1, 0.2],))
    assert top.tolist() == [[pytest.approx(-0.1), pytest.approx(-0.2)]]
    (top,) = run_layer('type: "PReLU" top: "a" prelu_param { channel_shared: true }', [[-1, -1]])
    assert top.tolist() == [[-0.25, -0.25]]


def test_dropout_keeps_the_mean_while_training() -> None:
    torch.manual_seed(0)
    (top,) = run_layer('type: "Dropout" top: "a" dropout_param { dropout_ratio: 0.2 }', [[1.0] * 10000], phase=TRAIN)
    assert set(top.flatten().tolist()) == {0.0, 1.25}
    assert top.mean().item() == pytest.approx(1, abs=0.02)


def test_a_clip_without_its_ends_is_refused() -> None:
    with pytest.raises(BadData, match="min or max"):
        run_layer('type: "Clip" top: "a" clip_param { min: 1 }', [[1]])
