"""How often somebody may try to sign in and fail, before they have to wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from dix.errors import TooOften

WINDOW_S = 300.0
TRIES_OF_A_NAME = 10
TRIES_OF_AN_ADDRESS = 100
_REMEMBERED = 20_000


class SignInLimit:
    """Counts failures by name and by address; may be used from any thread. A success forgets those of its name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], deque[float]] = {}

    def begin(self, name: str, address: str) -> None:
        """Count a try; raises TooOften when there were too many."""
        with self._lock:
            moment = self._clock()
            self._forget_old(moment)
            for key, most in ((("name", name), TRIES_OF_A_NAME), (("address", address), TRIES_OF_AN_ADDRESS)):
                tries = self._failures.setdefault(key, deque())
                while tries and tries[0] <= moment - WINDOW_S:
                    tries.popleft()
                if len(tries) >= most:
                    raise TooOften("signing in", round(tries[0] + WINDOW_S - moment) + 1)
            for key in (("name", name), ("address", address)):
                self._failures[key].append(moment)

    def succeed(self, name: str, address: str) -> None:
        """The try that was counted last was none."""
        with self._lock:
            self._failures.pop(("name", name), None)
            tries = self._failures.get(("address", address))
            if tries:
                tries.pop()

    def _forget_old(self, moment: float) -> None:
        if len(self._failures) > _REMEMBERED:
            self._failures = {
                key: tries for key, tries in self._failures.items() if tries and tries[-1] > moment - WINDOW_S
            }
