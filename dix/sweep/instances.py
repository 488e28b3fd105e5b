"""The instances of a sweep: what its preview shows is what is created, because both come from here."""

from __future__ import annotations

from typing import Any

from dix.records.sweep import Method, Sweep
from dix.sweep.drawing import draw_point
from dix.sweep.making import find_search
from dix.sweep.space import Space


def list_params(sweep: Sweep, space: Space | None) -> tuple[dict[str, Any], ...]:
    """The parameters of all trials that are known before one of them has run; those of TPE are found on the way."""
    search = find_search(sweep)
    if space is None:
        return sweep.table
    if search is Method.GRID:
        return tuple(space.list_all())[: sweep.budget.trials]
    if search is Method.RANDOM:
        return tuple(draw_point(space, sweep.seed, number) for number in range(1, (sweep.budget.trials or 0) + 1))
    return ()
