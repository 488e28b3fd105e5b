"""Points of a space drawn by chance: the same ones for the same seed, each independent of how many came before."""

from __future__ import annotations

from typing import Any

import numpy as np

from dix.sweep.domain import Domain
from dix.sweep.space import Space


def draw_point(space: Space, seed: int, number: int) -> dict[str, Any]:
    """The point that the trial of this number has."""
    chance = np.random.RandomState([seed & 0xFFFFFFFF, number])
    point: dict[str, Any] = {}
    for name, domain in space.domains.items():
        if domain.is_active(point):
            point[name] = settle(domain, make_tune_domain(domain).sample(random_state=chance))
    return point


def make_tune_domain(domain: Domain) -> Any:
    """The same domain in Ray Tune's words; of a choice, the places of its values."""
    from ray import tune

    if domain.kind == "choice":
        return tune.randint(0, len(domain.values))
    if domain.is_log:
        return tune.loguniform(domain.low, domain.high) if domain.high > domain.low else tune.choice([domain.low])
    if domain.count is not None:
        return tune.randint(0, domain.count)
    return tune.uniform(domain.low, domain.high)


def settle(domain: Domain, drawn: Any) -> Any:
    """The value that was drawn."""
    if domain.kind == "choice":
        return domain.values[int(drawn)]
    if domain.is_log or domain.count is None:
        return domain.snap(float(drawn))
    return domain.snap(domain.low + int(drawn) * (domain.step or 1))
