"""How often somebody may try to sign in and fail, before they have to wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from dix.errors import TooOften

WINDOW_S = 300.0
TRIES_OF_A_NAME = 10  # from one address, so that nobody is kept out by somebody elsewhere
TRIES_OF_A_NAME_FROM_ALL = 60
TRIES_OF_AN_ADDRESS = 100
_REMEMBERED = 20_000

# A name and an address; None for any.
_Key = tuple[str | None, str | None]


class SignInLimit:
    """Counts failures by name and by address; may be used from any thread. A success forgets those of its name there.

    Nobody guesses a code, which is long and random, so with a code there is no name: only its address is counted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[_Key, deque[float]] = {}

    def begin(self, name: str | None, address: str) -> None:
        """Count a try; raises TooOften when there were too many."""
        with self._lock:
            moment = self._clock()
            self._forget_old(moment)
            limits = _find_limits(name, address)
            for key, most in limits.items():
                tries = self._failures.setdefault(key, deque())
                while tries and tries[0] <= moment - WINDOW_S:
                    tries.popleft()
                if len(tries) >= most:
                    raise TooOften("signing in", round(tries[0] + WINDOW_S - moment) + 1)
            for key in limits:
                self._failures[key].append(moment)

    def succeed(self, name: str | None, address: str) -> None:
        """The try that was counted last was none."""
        with self._lock:
            self._failures.pop((name, address), None)
            for key in _find_limits(name, address):
                tries = self._failures.get(key)
                if tries:
                    tries.pop()

    def _forget_old(self, moment: float) -> None:
        if len(self._failures) > _REMEMBERED:
            self._failures = {
                key: tries for key, tries in self._failures.items() if tries and tries[-1] > moment - WINDOW_S
            }


def _find_limits(name: str | None, address: str) -> dict[_Key, int]:
    """What a try counts for, and how many of that there may be."""
    limits: dict[_Key, int] = {(None, address): TRIES_OF_AN_ADDRESS}
    if name is not None:
        limits |= {(name, None): TRIES_OF_A_NAME_FROM_ALL, (name, address): TRIES_OF_A_NAME}
    return limits
