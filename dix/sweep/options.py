"""Options of methods, under the names that Ray Tune has for them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dix.errors import BadValue
from dix.names import find_nearest
from dix.records.sweep import Method


@dataclass(frozen=True, slots=True)
class Option:
    """One of them: what it is without being given, what it may be, and that in words."""

    default: Any
    fits: Callable[[Any], bool]
    words: str


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(least: int, default: int) -> Option:
    words = f"a whole number from {least}"
    return Option(default, lambda value: isinstance(value, int) and _is_number(value) and value >= least, words)


def _number(default: float, fits: Callable[[float], bool], words: str) -> Option:
    return Option(default, lambda value: _is_number(value) and fits(value), words)


_SEARCH = Option("random", lambda value: value in {"random", "tpe", "grid"}, "random, tpe or grid")
_TPE = {
    "n_startup_trials": _whole(0, 10),
    "multivariate": Option(False, lambda value: isinstance(value, bool), "true or false"),
}
_FACTOR = _number(3, lambda value: value > 1, "a number above 1")
OPTIONS: Mapping[Method, Mapping[str, Option]] = {
    Method.GRID: {},
    Method.LIST: {},
    Method.RANDOM: {},
    Method.TPE: _TPE,
    Method.ASHA: {
        "search": _SEARCH,
        "max_t": _whole(1, 100),
        "grace_period": _whole(1, 1),
        "reduction_factor": _FACTOR,
        "brackets": _whole(1, 1),
    },
    Method.HYPERBAND: {"search": _SEARCH, "max_t": _whole(1, 81), "reduction_factor": _FACTOR},
    Method.PBT: {
        "perturbation_interval": _whole(1, 5),
        "burn_in_period": _whole(0, 0),
        "quantile_fraction": _number(0.25, lambda value: 0 < value <= 0.5, "a number above 0, at most 0.5"),
        "resample_probability": _number(0.25, lambda value: 0 <= value <= 1, "a number from 0 to 1"),
    },
}


def fill_options(method: Method, given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of a method; raises BadValue for one that it does not have, or that cannot be."""
    known = OPTIONS[method]
    for name, value in given.items():
        if name not in known:
            nearest = find_nearest(name, known)
            has = ", ".join(known) or "none"
            raise BadValue(
                "options", f"an option of {method} ({has})", name, f"did you mean {nearest}?" if nearest else ""
            )
        if not known[name].fits(value):
            raise BadValue(f"options.{name}", known[name].words, value)
    filled = {name: option.default for name, option in known.items()} | dict(given)
    if filled.get("grace_period", 0) > filled.get("max_t", math.inf):
        raise BadValue("options.grace_period", f"at most max_t, {filled['max_t']}", filled["grace_period"])
    return filled
