"""How many of the items that users had next are among those they were recommended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def judge_recommended(
    recommended: NDArray[np.int64], users: NDArray[np.int64], items: NDArray[np.int64]
) -> dict[str, float]:
    """`recall_at_k` and `ndcg_at_k` in the mean over the users that have something to be found.

    `recommended` [n, k] has the places of the items for user 0 to n - 1, -1 for none; `users` and `items` are the pairs
    to be found.
    """
    count = recommended.shape[1]
    hits = (recommended[users] == items[:, None]).astype(np.float64)
    gains = 1.0 / np.log2(np.arange(2, count + 2))
    wanted = np.bincount(users, minlength=len(recommended))
    found = np.bincount(users, hits.sum(axis=1), len(recommended))
    gained = np.bincount(users, hits @ gains, len(recommended))
    best = np.concatenate([[0.0], gains.cumsum()])[np.minimum(wanted, count)]
    there = wanted > 0
    return {
        f"recall_at_{count}": float((found[there] / wanted[there]).mean()),
        f"ndcg_at_{count}": float((gained[there] / best[there]).mean()),
    }


def recommend_popular(
    count: int, users: NDArray[np.int64], items: NDArray[np.int64], asked: NDArray[np.int64], catalogue: int
) -> NDArray[np.int64]:
    """For each of `asked` the `count` items that most had, without those that the user has had; -1 where none is left.

    `users` and `items` are the events so far, `catalogue` is how many items there are.
    """
    order = np.argsort(-np.bincount(items, minlength=catalogue), kind="stable")
    by_user = np.argsort(users, kind="stable")
    starts = np.searchsorted(users[by_user], asked, "left")
    ends = np.searchsorted(users[by_user], asked, "right")
    chosen = np.full((len(asked), count), -1, np.int64)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        first = order[: count + end - start]
        left = first[~np.isin(first, items[by_user[start:end]])][:count]
        chosen[row, : len(left)] = left
    return chosen
