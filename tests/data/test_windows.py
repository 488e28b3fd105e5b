"""Windows are cut as a loop would cut them."""

from __future__ import annotations

import numpy as np

from dix.data.clock import Clock
from dix.data.series import Series
from dix.data.windows import WindowPlan, cut_windows, repeat_season


def test_windows_hold_what_was_what_is_known_and_what_came() -> None:
    numbers = np.arange(40, dtype=np.float32).reshape(10, 4)  # one value, two of the past, one known
    series = Series("a", np.arange(10), numbers, 10, Clock(False, 1))
    windows = cut_windows([(series, 1, 10), (series, 0, 3)], WindowPlan(3, 2, values=1, known=1, stride=2))
    firsts = [1, 3, 5]
    assert len(windows) == 3
    assert windows.history.tolist() == [numbers[i : i + 3].tolist() for i in firsts]
    assert windows.known.tolist() == [numbers[i + 3 : i + 5, 3:].tolist() for i in firsts]
    assert windows.ahead.tolist() == [numbers[i + 3 : i + 5, :1].tolist() for i in firsts]


def test_what_was_a_season_ago_comes_again() -> None:
    history = np.array([[[9, 0], [1, 0], [2, 0], [3, 0]]], np.float32)
    assert repeat_season(history, 5, 1, 3).tolist() == [[[1], [2], [3], [1], [2]]]
    assert repeat_season(history, 2, 1, 1).tolist() == [[[3], [3]]]
