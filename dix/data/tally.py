"""Count the parts that come in, and tell start-up from work."""

from __future__ import annotations

import time

from dix.data.bulk import BulkProgress, BulkReport
from dix.data.parts import PartReport


class Tally:
    """The sums over all parts of one bulk prediction; made when it begins."""

    def __init__(self) -> None:
        self._begun = time.time()
        # The moment the first part was begun, on whatever machine; set by the first part that comes in.
        self._first_started: float | None = None
        self._parts = 0
        self._rows = 0

    def add(self, part: PartReport, of: int) -> BulkProgress:
        """Count a part of so many."""
        self._parts += 1
        self._rows += part.rows
        first = part.started if self._first_started is None else min(self._first_started, part.started)
        self._first_started = max(self._begun, first)
        return BulkProgress(self._parts, of, self._rows, time.time() - self._first_started)

    def finish(self) -> BulkReport:
        """All parts have come."""
        now = time.time()
        started = self._first_started or now
        return BulkReport(self._rows, self._parts, now - started, started - self._begun)
