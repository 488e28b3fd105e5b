"""How much the cards of a step work, as NVIDIA's own library says; where it is not there, nothing is known."""

from __future__ import annotations

import ctypes
import functools
import statistics
import time
from typing import Any, Protocol

SAMPLE_S = 1.0  # the library's own windows are as long at most
_LIBRARY = "libnvidia-ml.so.1"
_DONE = 0


class Cards(Protocol):
    """Says of a card, named by its number or its UUID, in what share of the last moment it worked."""

    def find_utilisation(self, card: str) -> float | None:
        """0.0-1.0, by whomever it is used; None where the card does not say, as a part of a divided one."""


class _Rates(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class Nvml:
    """The library in this process."""

    def __init__(self, library: Any) -> None:
        """`library` is loaded and its `nvmlInit_v2` has succeeded."""
        self._library = library

    def find_utilisation(self, card: str) -> float | None:
        handle, rates = ctypes.c_void_p(), _Rates()
        if card.isdecimal():
            found = self._library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(card)), ctypes.byref(handle))
        else:
            found = self._library.nvmlDeviceGetHandleByUUID(card.encode(), ctypes.byref(handle))
        if found != _DONE or self._library.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(rates)) != _DONE:
            return None
        return float(rates.gpu) / 100


@functools.cache
def find_cards() -> Cards | None:
    """The library of this process; None where there is none, or no card."""
    try:
        library = ctypes.CDLL(_LIBRARY)
        return Nvml(library) if library.nvmlInit_v2() == _DONE else None
    except (OSError, AttributeError):
        return None


class CardGauge:
    """Looks at the cards of one step about once a second, from a pacemaker's ticks."""

    def __init__(self, cards: Cards, names: tuple[str, ...]) -> None:
        """`names` are the cards that the step may use."""
        self._cards = cards
        self._names = names
        self._samples: list[float] = []
        self._next_at = time.monotonic() + SAMPLE_S

    def remind(self) -> None:
        """It tells nobody anything before the end."""

    def tick(self) -> None:
        """Look, if it is time."""
        clock = time.monotonic()
        if clock >= self._next_at:
            self._next_at = clock + SAMPLE_S
            self._look()

    def read(self) -> float | None:
        """The mean of all looks; of one now, for a step that was too short for any."""
        if not self._samples:
            self._look()
        return statistics.fmean(self._samples) if self._samples else None

    def _look(self) -> None:
        found = [self._cards.find_utilisation(name) for name in self._names]
        known = [share for share in found if share is not None]
        if known:
            self._samples.append(statistics.fmean(known))
