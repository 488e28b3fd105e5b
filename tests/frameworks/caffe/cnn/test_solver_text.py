"""The text of a solver says the plan of a training in Caffe's words."""

from __future__ import annotations

import pytest

from dix.errors import BadValue
from dix.frameworks.caffe.cnn.solver_text import Pace, write_solver
from dix.frameworks.fitting import FitPlan
from tests.frameworks.caffe.making import parse

PACE = Pace(iterations=45, test_batches=5)


def test_a_plan_is_said_in_caffes_words() -> None:
    plan = FitPlan(20, 32, 0.002, weight_decay=1e-4, seed=4_294_967_295)
    param = parse("SolverParameter", write_solver(plan, PACE, uses_card=False))
    momenta = param.momentum, param.momentum2
    assert (param.type, momenta, param.lr_policy) == ("Adam", pytest.approx((0.9, 0.999)), "fixed")
    assert (param.max_iter, param.test_interval, list(param.test_iter)) == (900, 45, [5])
    assert (param.base_lr, param.weight_decay) == pytest.approx((0.002, 1e-4))
    assert param.random_seed == 4_294_967_295
    assert (param.solver_mode, param.snapshot_after_train) == (0, False)


@pytest.mark.parametrize(
    ("schedule", "policy", "falls"), [("none", "fixed", []), ("cosine", "fixed", []), ("step", "multistep", [90, 135])]
)
def test_a_schedule_is_a_policy_where_caffe_has_one(schedule: str, policy: str, falls: list[int]) -> None:
    plan = FitPlan(3, 32, 0.1, optimizer="sgd", schedule=schedule)
    param = parse("SolverParameter", write_solver(plan, PACE, uses_card=True))
    assert (param.type, param.lr_policy, list(param.stepvalue), param.solver_mode) == ("Nesterov", policy, falls, 1)


def test_another_optimizer_is_refused() -> None:
    with pytest.raises(BadValue, match="optimizer: expected adam or sgd, got 'lion'"):
        write_solver(FitPlan(3, 32, 0.1, optimizer="lion"), PACE, uses_card=False)
