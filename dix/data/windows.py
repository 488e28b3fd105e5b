"""Windows over time series: what was, and what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dix.data.series import Series


@dataclass(frozen=True, slots=True)
class Windows:
    """`history` [n, steps, columns], `known` [n, horizon, what is known ahead], `ahead` [n, horizon, values]."""

    history: NDArray[np.float32]
    known: NDArray[np.float32]
    ahead: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.history)


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """How windows are cut: `values` and `known` count the first and last columns; one begins each `stride` steps."""

    history: int
    horizon: int
    values: int
    known: int
    stride: int = 1

    @property
    def length(self) -> int:
        return self.history + self.horizon


def cut_windows(series: Sequence[tuple[Series, int, int]], plan: WindowPlan) -> Windows:
    """The windows within the steps from the first to the last (not with it) that is given with each series."""
    cut = [_cut_one(one.numbers[first:last], plan) for one, first, last in series]
    whole = np.concatenate(cut)
    ahead = whole[:, plan.history :]
    return Windows(
        np.ascontiguousarray(whole[:, : plan.history]),
        np.ascontiguousarray(ahead[:, :, whole.shape[2] - plan.known :]),
        np.ascontiguousarray(ahead[:, :, : plan.values]),
    )


def repeat_season(history: NDArray[np.float32], horizon: int, values: int, season: int) -> NDArray[np.float32]:
    """The seasonal-naive forecast [n, horizon, values]: what was a season ago comes again."""
    steps = history.shape[1]
    return history[:, steps - season + np.arange(horizon) % season, :values]


def _cut_one(numbers: NDArray[np.float32], plan: WindowPlan) -> NDArray[np.float32]:
    if len(numbers) < plan.length:
        return np.zeros((0, plan.length, numbers.shape[1]), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(numbers, plan.length, axis=0)
    return views[:: plan.stride].swapaxes(1, 2)
