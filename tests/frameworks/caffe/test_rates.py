from __future__ import annotations

import math

import pytest

from dix.errors import BadData
from dix.frameworks.caffe.rates import advance_step, check_policy, compute_rate
from tests.frameworks.caffe.making import parse


def list_rates(text: str, count: int) -> list[float]:
    solver, step, rates = parse("SolverParameter", "base_lr: 0.1 " + text), 0, []
    check_policy("x", solver)
    for iteration in range(count):
        step = advance_step(solver, iteration, step)
        rates.append(compute_rate(solver, iteration, step))
    return rates


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('lr_policy: "fixed"', [0.1, 0.1, 0.1]),
        ('lr_policy: "step" gamma: 0.5 stepsize: 2', [0.1, 0.1, 0.05, 0.05, 0.025]),
        ('lr_policy: "exp" gamma: 0.5', [0.1, 0.05, 0.025]),
        ('lr_policy: "inv" gamma: 1 power: 2', [0.1, 0.1 / 4, 0.1 / 9]),
        ('lr_policy: "poly" power: 2 max_iter: 4', [0.1, 0.1 * 0.75**2, 0.1 * 0.5**2]),
        ('lr_policy: "sigmoid" gamma: 1 stepsize: 1', [0.1 / (1 + math.e), 0.05, 0.1 / (1 + math.exp(-1))]),
        ('lr_policy: "multistep" gamma: 0.5 stepvalue: 1 stepvalue: 1 stepvalue: 3', [0.1, 0.05, 0.025, 0.0125]),
    ],
)
def test_each_policy_gives_its_rates(text: str, wanted: list[float]) -> None:
    assert list_rates(text, len(wanted)) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('lr_policy: "cosine"', "take one of exp, fixed"),
        ('lr_policy: "exp" gamma: -1', "gamma is -1"),
        ('lr_policy: "step" gamma: 1', "stepsize is 0"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadData, match=said):
        check_policy("x", parse("SolverParameter", text))
