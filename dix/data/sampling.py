"""Choose some examples by chance, the same ones for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose_sample(groups: NDArray[np.int64], count: int, seed: int) -> NDArray[np.bool_]:
    """Which `count` of the examples are chosen, none of them twice, each group by its share of all.

    What is left by rounding goes to the groups that are furthest from their share, the first ones when in doubt.
    """
    chance = np.random.default_rng(seed)
    names, sizes = np.unique(groups, return_counts=True)
    chosen = np.zeros(len(groups), dtype=np.bool_)
    for name, wanted in zip(names, _share_out(sizes, count), strict=True):
        chosen[chance.permutation(np.flatnonzero(groups == name))[:wanted]] = True
    return chosen


def _share_out(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Whole numbers that sum to `count`, by the method of the largest remainder; in whole numbers, so exactly."""
    total = max(1, int(sizes.sum()))
    wanted, remainders = np.divmod(sizes * count, total)
    by_remainder = np.argsort(-remainders, kind="stable")
    wanted[by_remainder[: count - int(wanted.sum())]] += 1
    return wanted
