"""The work of cards is the mean of looks; a card that does not say makes no number up."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from dix.engine import cards as cards_file
from dix.engine.cards import CardGauge, Nvml, find_cards


class Library:
    """Answers as NVIDIA's library does: a status, and what was asked for through a pointer."""

    def __init__(self, **work: int | None) -> None:
        self.work = work
        self._handles = list(work)

    def nvmlDeviceGetHandleByIndex_v2(self, number: ctypes.c_uint, handle: Any) -> int:  # noqa: N802 the library's name
        return self._give(f"n{number.value}", handle)

    def nvmlDeviceGetHandleByUUID(self, name: bytes, handle: Any) -> int:  # noqa: N802
        return self._give(name.decode().replace("-", "_"), handle)

    def nvmlDeviceGetUtilizationRates(self, handle: ctypes.c_void_p, rates: Any) -> int:  # noqa: N802
        work = self.work[self._handles[(handle.value or 0) - 1]]
        if work is None:
            return 3  # not supported
        rates._obj.gpu = work
        return 0

    def _give(self, name: str, handle: Any) -> int:
        if name not in self._handles:
            return 6  # not found
        handle._obj.value = self._handles.index(name) + 1
        return 0


def test_cards_are_found_by_number_and_by_uuid() -> None:
    nvml = Nvml(Library(n0=40, n1=100, GPU_abc=7))
    assert [nvml.find_utilisation(card) for card in ("0", "1", "GPU-abc")] == [0.4, 1.0, 0.07]


def test_a_card_that_does_not_say_or_is_not_there_is_not_known() -> None:
    nvml = Nvml(Library(n0=None))
    assert nvml.find_utilisation("0") is None
    assert nvml.find_utilisation("7") is None
    assert CardGauge(nvml, ("0", "7")).read() is None


def test_a_gauge_looks_about_once_a_second_and_gives_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(cards_file, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    library = Library(n0=0, n1=0)
    gauge = CardGauge(Nvml(library), ("0", "1"))
    for second, work in enumerate((20, 60), start=1):
        library.work = {"n0": work, "n1": work + 20}
        clock[0] = float(second)
        gauge.tick()
        library.work = {"n0": 99, "n1": 99}
        clock[0] += 0.5
        gauge.tick()
    assert gauge.read() == pytest.approx((0.3 + 0.7) / 2)


def test_a_short_step_is_looked_at_in_the_end() -> None:
    assert CardGauge(Nvml(Library(n0=50)), ("0",)).read() == 0.5


def test_a_machine_without_the_library_has_no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards_file, "_LIBRARY", "libnobody-has-this.so.1")
    find_cards.cache_clear()
    assert find_cards() is None
    find_cards.cache_clear()


@pytest.mark.gpu
def test_a_real_card_says_how_much_it_works() -> None:
    cards = find_cards()
    assert cards is not None
    share = cards.find_utilisation("0")
    assert share is not None
    assert 0 <= share <= 1
