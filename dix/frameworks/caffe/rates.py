"""The learning rate of each iteration, by the policies of a solver, in the precision Caffe computes it in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dix.errors import BadData

POLICIES = ("exp", "fixed", "inv", "multistep", "poly", "sigmoid", "step")
_WITH_GAMMA = {"exp", "inv", "multistep", "sigmoid", "step"}
_WITH_STEPSIZE = {"sigmoid", "step"}


def check_policy(uri: str, solver: Any) -> None:
    """Raises BadData for a policy that is not known, or one whose numbers cannot be."""
    policy = solver.lr_policy
    if policy not in POLICIES:
        raise BadData(uri, f"lr_policy is {policy!r}", f"take one of {', '.join(POLICIES)}")
    if policy in _WITH_GAMMA and solver.gamma < 0:
        raise BadData(uri, f"gamma is {solver.gamma}", f"lr_policy {policy} wants 0 or more")
    if policy in _WITH_STEPSIZE and solver.stepsize < 1:
        raise BadData(uri, f"stepsize is {solver.stepsize}", f"lr_policy {policy} wants at least 1")


def advance_step(solver: Any, iteration: int, step: int) -> int:
    """The step the rate is on: `multistep` moves by at most one an iteration, so it must be asked at each."""
    if solver.lr_policy == "step":
        return iteration // int(solver.stepsize)
    if solver.lr_policy == "multistep" and step < len(solver.stepvalue) and iteration >= solver.stepvalue[step]:
        return step + 1
    return step


def compute_rate(solver: Any, iteration: int, step: int) -> float:
    """The rate of an iteration on a step (see `advance_step`)."""
    return float(np.float32(np.float32(solver.base_lr) * _find_factor(solver, iteration, step)))


def _find_factor(solver: Any, iteration: int, step: int) -> float:
    policy, gamma, power = solver.lr_policy, solver.gamma, solver.power
    if policy in {"step", "multistep"}:
        return float(gamma**step)
    if policy == "exp":
        return float(gamma**iteration)
    if policy == "inv":
        return float(np.float32(1 + np.float32(gamma) * np.float32(iteration)) ** np.float32(-power))
    if policy == "poly":
        rest = 1 - np.float32(iteration) / np.float32(solver.max_iter)
        return float(np.float32(rest) ** np.float32(power))
    if policy == "sigmoid":
        return 1.0 / (1.0 + math.exp(-gamma * (iteration - solver.stepsize)))
    return 1.0
