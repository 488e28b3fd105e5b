"""Lets any number of followers wait for the next event, while the catalog is asked once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from dix.errors import PlatformError

LOOK_S = 0.2


class EventWatch:
    """Used from one event loop. Nothing is asked while nobody waits."""

    def __init__(self, find_last: Callable[[], int]) -> None:
        """`find_last` gives the number of the last event; it may block."""
        self._find_last = find_last
        self._last = 0
        self._waiting = 0
        self._looking: asyncio.Task[None] | None = None  # set while somebody waits
        self._turn = asyncio.Condition()

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
                await asyncio.sleep(LOOK_S)
        finally:
            self._looking = None
