"""The pacemaker: one thread of a worker process that lets every step beat; a thread for each would cost too much."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

TICK_S = 0.1
_QUIET_S = 5.0  # after so long without a step it sleeps until the next one comes


class Beating(Protocol):
    """What wants to beat now and then."""

    def tick(self) -> None:
        """Called about every `TICK_S`, from the pacemaker's thread."""

    def remind(self) -> None:
        """Tell again with the next beat what was told a short while ago."""


class Pacemaker:
    """`add` and `remove` may be called from any thread; neither waits."""

    def __init__(self) -> None:
        self._turn = threading.Condition()  # guards the two below
        self._beating: list[Beating] = []
        self._sleeps = False
        self._thread: threading.Thread | None = None

    def add(self, beating: Beating) -> None:
        """Let it beat from now on; its first tick comes within `TICK_S`."""
        with self._turn:
            self._beating.append(beating)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._tick_on, name="pacemaker", daemon=True)
                self._thread.start()
            elif self._sleeps:
                self._turn.notify()

    def remove(self, beating: Beating) -> None:
        """Let it be; a tick may still be under way."""
        with self._turn:
            self._beating.remove(beating)

    @contextmanager
    def lead(self, *beating: Beating) -> Iterator[None]:
        """Let them beat inside the block."""
        for one in beating:
            self.add(one)
        try:
            yield
        finally:
            for one in beating:
                self.remove(one)

    def remind(self) -> None:
        """Somebody else listens now: have each tell again what it has told last."""
        with self._turn:
            beating = tuple(self._beating)
        for one in beating:
            one.remind()

    def _tick_on(self) -> None:
        quiet_since = time.monotonic()
        while True:
            time.sleep(TICK_S)
            with self._turn:
                if not self._beating and time.monotonic() - quiet_since > _QUIET_S:
                    self._sleep()
                beating = tuple(self._beating)
            if beating:
                quiet_since = time.monotonic()
            for one in beating:
                one.tick()

    def _sleep(self) -> None:
        self._sleeps = True
        self._turn.wait_for(lambda: bool(self._beating))
        self._sleeps = False
