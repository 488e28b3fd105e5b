"""Write the `solver.prototxt` of a training: its plan, in Caffe's words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dix.errors import BadValue
from dix.frameworks.fitting import FitPlan

NET_FILE = "train_val.prototxt"
_TYPES = {"adam": 'type: "Adam" momentum: 0.9 momentum2: 0.999', "sgd": 'type: "Nesterov" momentum: 0.9'}


@dataclass(frozen=True, slots=True)
class Pace:
    """How many iterations an epoch has, and how many batches the images to stop by."""

    iterations: int
    test_batches: int


def write_solver(plan: FitPlan, pace: Pace, *, uses_card: bool) -> str:
    """The solver as text; raises BadValue for an optimizer that is not known.

    What is pulled to zero is part of the gradient in Caffe, with adam too.
    """
    if plan.optimizer not in _TYPES:
        raise BadValue("optimizer", " or ".join(_TYPES), plan.optimizer)
    return "\n".join(
        [
            f'net: "{NET_FILE}"',
            f"test_iter: {pace.test_batches} test_interval: {pace.iterations} test_initialization: false",
            _TYPES[plan.optimizer],
            f"base_lr: {plan.learning_rate} weight_decay: {plan.weight_decay}",
            _write_policy(plan, pace),
            f"max_iter: {plan.epochs * pace.iterations} display: {pace.iterations}",
            'snapshot_prefix: "cnn" snapshot_after_train: false',
            f"random_seed: {plan.seed} solver_mode: {'GPU' if uses_card else 'CPU'}",
            "",
        ]
    )


def _write_policy(plan: FitPlan, pace: Pace) -> str:
    if plan.schedule == "step":
        falls = (math.ceil(plan.epochs * part) * pace.iterations for part in (0.5, 0.75))
        return 'lr_policy: "multistep" gamma: 0.1 ' + " ".join(f"stepvalue: {fall}" for fall in falls)
    if plan.schedule == "cosine":
        return f'lr_policy: "fixed" # base_lr falls along a cosine, after each {pace.iterations} iterations'
    return 'lr_policy: "fixed"'
