"""The first values of weights, from Caffe's distributions; Caffe's own random numbers cannot be had again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dix.errors import BadValue
from dix.frameworks.caffe.blobs import Array

_FAN_OUT, _AVERAGE = 1, 2


def fill(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Array:
    """Values of a FillerParameter (None: zeros); raises BadValue for a type that is not known."""
    if filler is None:
        return np.zeros(shape, dtype=np.float32)
    if filler.type not in _FILLERS:
        raise BadValue("filler type", f"one of {', '.join(sorted(_FILLERS))}", filler.type)
    values: Array = _FILLERS[filler.type](filler, shape, chance).numpy()
    return values


def check_filler(filler: Any) -> str | None:
    """What is wrong with a filler; None when it is known."""
    if filler is None or filler.type in _FILLERS:
        return None
    return f"filler {filler.type!r} is not known; known are {', '.join(sorted(_FILLERS))}"


def _constant(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:  # noqa: ARG001
    return torch.full(shape, filler.value, dtype=torch.float32)


def _uniform(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    return torch.empty(shape).uniform_(filler.min, filler.max, generator=chance)


def _gaussian(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    """With `sparse`, each output keeps about that many of its weights."""
    values = torch.empty(shape).normal_(filler.mean, filler.std, generator=chance)
    if filler.sparse < 0:
        return values
    kept = torch.empty(shape).bernoulli_(min(1.0, filler.sparse / shape[0]), generator=chance)
    return values * kept


def _unit_ball(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:  # noqa: ARG001
    values = torch.empty(shape).uniform_(0, 1, generator=chance)
    rows = values.reshape(shape[0], -1)
    return (rows / rows.sum(dim=1, keepdim=True)).reshape(shape)


def _xavier(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    reach = math.sqrt(3.0 / _find_fan(filler, shape))
    return torch.empty(shape).uniform_(-reach, reach, generator=chance)


def _msra(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:
    return torch.empty(shape).normal_(0, math.sqrt(2.0 / _find_fan(filler, shape)), generator=chance)


def _bilinear(filler: Any, shape: tuple[int, ...], chance: torch.Generator) -> Tensor:  # noqa: ARG001
    """A kernel that interpolates, for deconvolutions that enlarge."""
    if len(shape) != 4 or shape[2] != shape[3]:
        raise BadValue("bilinear filler", "weights with four axes and a square kernel", list(shape))
    reach = math.ceil(shape[3] / 2)
    side = 1 - (torch.arange(shape[3], dtype=torch.float64) / reach - (shape[3] - 1) / (2 * reach)).abs()
    return (side[:, None] * side[None, :]).float().expand(shape).clone()


def _find_fan(filler: Any, shape: tuple[int, ...]) -> float:
    count = math.prod(shape)
    fan_in, fan_out = count / shape[0], count / (shape[1] if len(shape) > 1 else 1)
    if filler.variance_norm == _AVERAGE:
        return (fan_in + fan_out) / 2
    return fan_out if filler.variance_norm == _FAN_OUT else fan_in


_FILLERS: dict[str, Callable[[Any, tuple[int, ...], torch.Generator], Tensor]] = {
    "constant": _constant,
    "uniform": _uniform,
    "gaussian": _gaussian,
    "positive_unitball": _unit_ball,
    "xavier": _xavier,
    "msra": _msra,
    "bilinear": _bilinear,
}
