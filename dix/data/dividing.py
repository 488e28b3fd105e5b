"""Divide examples into parts, the same way for the same seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def divide(groups: NDArray[np.int64], fractions: Sequence[float], seed: int) -> NDArray[np.int8]:
    """The part of each example, so that each group is divided by `fractions` (their sum is 1) as well as it can be.

    `groups` are the classes of the examples, or all the same number where classes do not matter. What is left by
    rounding goes to the part that is furthest from its fraction, the first one when in doubt.
    """
    chance = np.random.default_rng(seed)
    parts = np.zeros(len(groups), dtype=np.int8)
    for group in np.unique(groups):
        places = chance.permutation(np.flatnonzero(groups == group))
        ends = np.cumsum(_count_parts(len(places), fractions))
        for part in range(1, len(fractions)):
            parts[places[ends[part - 1] : ends[part]]] = part
    return parts


def _count_parts(count: int, fractions: Sequence[float]) -> list[int]:
    """Whole numbers that sum to `count`, by the method of the largest remainder."""
    counts = [int(count * fraction + 1e-9) for fraction in fractions]
    remainders = [count * fraction - whole for fraction, whole in zip(fractions, counts, strict=True)]
    by_remainder = sorted(range(len(fractions)), key=lambda part: (-round(remainders[part], 9), part))
    for part in by_remainder[: count - sum(counts)]:
        counts[part] += 1
    return counts
