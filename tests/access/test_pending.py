"""Sign-ins that were begun: taken once, by their own browser, and in time."""

from __future__ import annotations

import pytest

from dix.access import pending
from dix.access.pending import LASTS_S, PendingSignIns


class Clock:
    """A time that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_is_taken_once_and_by_its_own_browser() -> None:
    signs = PendingSignIns()
    begun, other = signs.begin(), signs.begin()
    assert signs.take(begun.state, other.browser) is None
    assert signs.take(begun.state, "名") is None
    assert signs.take("", begun.browser) is None
    assert signs.take(begun.state, begun.browser) == begun
    assert signs.take(begun.state, begun.browser) is None


def test_one_is_too_old_after_ten_minutes() -> None:
    clock = Clock()
    signs = PendingSignIns(clock)
    begun, other = signs.begin(), signs.begin()
    clock.now = LASTS_S - 1
    assert signs.take(other.state, other.browser) == other
    clock.now = LASTS_S
    assert signs.take(begun.state, begun.browser) is None


def test_when_there_are_too_many_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "MOST", 3)
    signs = PendingSignIns()
    begun = [signs.begin() for _ in range(5)]
    assert [signs.take(each.state, each.browser) is not None for each in begun] == [False, False, False, True, True]
