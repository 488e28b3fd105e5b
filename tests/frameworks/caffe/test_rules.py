from __future__ import annotations

import pytest
import torch

from dix.errors import BadData
from dix.frameworks.caffe.rules import Update, add_decay, clip_gradients, count_histories, get_rule, list_rules
from tests.frameworks.caffe.making import parse


def test_the_rate_is_inside_the_history_so_old_gradients_keep_the_rate_they_came_with() -> None:
    solver = parse("SolverParameter", "momentum: 0.5")
    rule = get_rule("x", "SGD")
    history = (torch.zeros(1),)
    rule(solver, Update(torch.ones(1), history, 1.0, 0))
    change = rule(solver, Update(torch.ones(1), history, 0.1, 1))
    assert change.item() == pytest.approx(0.6)


def test_every_rule_moves_against_the_gradient() -> None:
    solver = parse("SolverParameter", "momentum: 0.9 rms_decay: 0.9")
    for kind in list_rules():
        rule = get_rule("x", kind)
        history = tuple(torch.zeros(1) for _ in range(count_histories(kind)))
        assert rule(solver, Update(torch.tensor([2.0]), history, 0.1, 0)).item() > 0
    with pytest.raises(BadData, match="type is 'LBFGS'; take one of AdaDelta"):
        get_rule("x", "LBFGS")


def test_clipping_scales_all_gradients_to_the_norm_asked_for() -> None:
    gradients = [torch.tensor([3.0]), torch.tensor([4.0])]
    assert clip_gradients(gradients, 10.0) is None
    assert clip_gradients(gradients, -1.0) is None
    assert clip_gradients(gradients, 1.0) == pytest.approx((5.0, 0.2))
    assert [gradient.item() for gradient in gradients] == pytest.approx([0.6, 0.8])


def test_decay_pulls_by_the_weight_or_by_its_sign() -> None:
    for kind, wanted in (("L2", -1.0), ("L1", -0.5)):
        gradient = torch.zeros(1)
        add_decay(gradient, torch.tensor([-2.0]), 0.5, kind)
        assert gradient.item() == wanted
