"""The moments to be reminded of, for all runs together. Pure: no clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_MANY = 1000


@dataclass(frozen=True, slots=True, order=True)
class Alarm:
    """A moment of a step, in monotonic seconds: a pause is over, or an attempt has run too long. The newest counts."""

    at: float
    run: str
    node: str
    number: int


class Alarms:
    """Those that mean nothing any more are dropped when they are many: a timeout of days is set for each small step."""

    def __init__(self, counts: Callable[[Alarm], bool]) -> None:
        """`counts` says whether an alarm still means something."""
        self._counts = counts
        self._heap: list[Alarm] = []
        self._sweep_at = _MANY

    def add(self, alarms: Iterable[Alarm]) -> None:
        """Remind of these."""
        for alarm in alarms:
            heapq.heappush(self._heap, alarm)
        if len(self._heap) >= self._sweep_at:
            self._heap = [alarm for alarm in self._heap if self._counts(alarm)]
            heapq.heapify(self._heap)
            self._sweep_at = max(_MANY, 2 * len(self._heap))

    def take_due(self, clock: float) -> list[Alarm]:
        """Those whose moment has come."""
        due = []
        while self._heap and self._heap[0].at <= clock:
            due.append(heapq.heappop(self._heap))
        return due

    def next_at(self) -> float | None:
        """When the next one's moment comes."""
        return self._heap[0].at if self._heap else None

    def __len__(self) -> int:
        return len(self._heap)
