"""What a trial has come to: the number of an objective, out of the curves of its runs. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dix.records.sweep import Mode, Objective, Take

# By position (the epoch, from 1).
Curve = Mapping[int, float]


def measure(objective: Objective, curve: Curve, last: float | None) -> float | None:
    """The number of one run; `last` is what its step left where it told of no positions. None where there is none."""
    if objective.take is Take.STEP:
        found = curve.get(objective.step or 0)
    elif not curve:
        found = last
    elif objective.take is Take.LAST:
        found = curve[max(curve)]
    else:
        known = [value for value in curve.values() if not math.isnan(value)]
        found = (max if objective.mode is Mode.MAX else min)(known, default=None)
    return None if found is None or math.isnan(found) else found


def find_mean(values: Sequence[float | None]) -> float | None:
    """The mean over replicates; None when one of them has no number."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def average_curves(curves: Sequence[Curve]) -> dict[int, float]:
    """The mean curve, at the positions that all of them have."""
    common = set(curves[0]).intersection(*curves[1:]) if curves else set()
    return {position: sum(curve[position] for curve in curves) / len(curves) for position in sorted(common)}
