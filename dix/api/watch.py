"""Lets any number of followers wait for the next event, while the catalog is asked once for all of them."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool

from dix.errors import PlatformError

LOOK_S = 0.2


class EventWatch:
    """Used from one event loop. Nothing is asked while nobody waits."""

    def __init__(self, find_last: Callable[[], int], look_s: float | None = None) -> None:
        """`find_last` gives the number of the last event; it may block, and is asked every `look_s`."""
        self._find_last = find_last
        self._look_s = look_s
        self._last = 0
        self._waiting = 0
        self._looking: asyncio.Task[None] | None = None  # set while somebody waits
        self._turn = asyncio.Condition()

    @property
    def last(self) -> int:
        """The greatest number that was found so far."""
        return self._last

    async def wait_after(self, seq: int, timeout_s: float) -> bool:
        """Whether an event with a greater number has come in time."""
        self._waiting += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(timeout_s), self._turn:
                await self._turn.wait_for(lambda: self._last > seq)
            return True
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        try:
            while self._waiting:
                try:
                    last = await run_in_threadpool(self._find_last)
                except PlatformError:
                    last = self._last  # whoever waits hears of it when they ask
                if last > self._last:
                    async with self._turn:
                        self._last = last
                        self._turn.notify_all()
                await asyncio.sleep(self._look_s or LOOK_S)
        finally:
            self._looking = None


class RunWatches:
    """A watch for each run whose logs somebody follows; to be used from one event loop."""

    def __init__(self, measure: Callable[[str], int], look_s: float) -> None:
        """`measure` gives a number that grows with what a run prints; it may block."""
        self._measure = measure
        self._look_s = look_s
        self._watches: weakref.WeakValueDictionary[str, EventWatch] = weakref.WeakValueDictionary()

    def find(self, run: str) -> EventWatch:
        """The one of this run; it is forgotten with the last follower."""
        watch = self._watches.get(run)
        if watch is None:
            watch = self._watches[run] = EventWatch(partial(self._measure, run), self._look_s)
        return watch
