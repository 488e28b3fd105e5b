"""The pulse of a step: a thread that tells the engine how far it is, and keeps what it prints."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from dix.engine.capture import Capture
from dix.engine.logbook import write_chunk
from dix.engine.messages import Beat, MetricRow, StepKey
from dix.errors import PlatformError
from dix.logs import get_logger
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.store.store import Store

FIRST_BEAT_S = 0.1  # a step that ends sooner sends its report only
BEAT_S = 0.5
_BEATS_PER_CHUNK = 2

_logger = get_logger("engine")


class Pulse:
    """Runs beside one attempt from `start` to `stop`; `report` may be called from any thread in between."""

    def __init__(self, key: StepKey, store: Store, capture: Capture, tell: Callable[[Beat], None]) -> None:
        self._key = key
        self._store = store
        self._capture = capture
        self._tell = tell
        self._started = now()
        self._lock = threading.Lock()
        self._rows: list[MetricRow] = []  # not told yet
        self._told: tuple[MetricRow, ...] = ()  # by the last beat
        self._has_news = True
        self._progress: float | None = None
        self._lines: list[LogLine] = []
        self._words: list[LogLine] = []
        self._kept = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name=f"pulse {key}", daemon=True)

    @property
    def started(self) -> datetime:
        """When the attempt began to work."""
        return self._started

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def report(self, position: int, progress: float | None = None, **metrics: float) -> None:
        """Keep one row of numbers for the next beat (`algorithms.base.Report`)."""
        values = {name: float(value) for name, value in metrics.items()}
        with self._lock:
            self._rows.append(MetricRow(int(position), values, now()))
            self._progress = self._progress if progress is None else min(1.0, max(0.0, float(progress)))
            self._has_news = True

    def stop(self) -> tuple[MetricRow, ...]:
        """End the beat; all that was printed is kept, the rows that may not have been heard yet are handed back.

        Those of the last beat are among them: a report may overtake it. Points that come twice count once.
        """
        self._stopping.set()
        self._thread.join()
        self._collect(to_the_end=True)
        self._lines += self._words
        self._keep_lines()
        return self._told + self._take_rows()

    def say(self, text: str) -> None:
        """The platform's own word, the last in the step's log."""
        at = now()
        self._words += [LogLine(self._key.node, self._key.attempt, at, "dix", line) for line in text.splitlines()]

    def _beat_on(self) -> None:
        pause, beats = FIRST_BEAT_S, 0
        while not self._stopping.wait(pause):
            if self._has_news:
                self._beat()
            self._collect()
            if beats % _BEATS_PER_CHUNK == 0:
                self._keep_lines()
            pause, beats = BEAT_S, beats + 1

    def _beat(self) -> None:
        self._has_news = False
        self._told = self._take_rows()
        self._tell(Beat(self._key, self._started, self._progress, self._told))

    def _take_rows(self) -> tuple[MetricRow, ...]:
        with self._lock:
            rows, self._rows = tuple(self._rows), []
        return rows

    def _collect(self, *, to_the_end: bool = False) -> None:
        at = now()
        for stream, text in self._capture.read(to_the_end=to_the_end):
            self._lines.append(LogLine(self._key.node, self._key.attempt, at, stream, text))

    def _keep_lines(self) -> None:
        if not self._lines:
            return
        try:
            write_chunk(self._store, self._key.run, self._kept, self._lines)
        except PlatformError as error:  # the lines wait for the next chunk; the step itself is not harmed
            _logger.warning("the log of %s cannot be kept now: %s", self._key, error)
            return
        self._kept += len(self._lines)
        self._lines = []
