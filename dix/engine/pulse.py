"""The pulse of a step: tells the engine now and then how far it is, and keeps what it prints."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from dix.engine.capture import Capture
from dix.engine.logbook import split_lines, write_chunk
from dix.engine.mask import Mask
from dix.engine.messages import Beat, MetricRow, StepKey
from dix.errors import PlatformError
from dix.logs import get_logger
from dix.records.log_line import LogLine
from dix.records.moments import now
from dix.store.store import Store

FIRST_BEAT_S = 0.1  # a step that ends sooner sends its report only
BEAT_S = 0.5
_REMEMBERED_S = 10.0  # so long what was told can be told again
_CHUNK_S = 1.0  # how often lines are put into the store
_RAREST_CHUNK_S = 30.0

_logger = get_logger("engine")

# Gets lines to keep, and how many were kept before; what it raises as PlatformError is tried again.
KeepLines = Callable[[int, Sequence[LogLine]], None]


def keep_in_store(store: Store, run: str) -> KeepLines:
    """Put the lines where everybody finds them."""
    return partial(write_chunk, store, run)


class Pulse:
    """Beats for one attempt at each `tick` of a pacemaker, until `stop`; `report` may be called from any thread."""

    def __init__(
        self,
        key: StepKey,
        capture: Capture,
        tell: Callable[[Beat], None],
        keep: KeepLines,
        *,
        mask: Mask | None = None,
        label: str = "",
    ) -> None:
        """What `mask` hides is in no line that is kept; `label` stands before each."""
        self._key = key
        self._keep = keep
        self._label = label
        self._mask = mask or Mask(())
        self._capture = capture
        self._tell = tell
        self._started = now()
        self._since = time.monotonic()
        self._next_at = self._since + FIRST_BEAT_S
        self._lock = threading.Lock()  # guards the five below
        self._rows: list[MetricRow] = []  # not told yet
        self._told: tuple[MetricRow, ...] = ()  # by the last beat
        self._recent: list[tuple[float, MetricRow]] = []  # told a short while ago, with the moment
        self._progress: float | None = None
        self._has_news = True
        self._beating = threading.Lock()  # held while a beat, or the end, is under way; guards what follows
        self._is_over = False
        self._next_chunk_at = self._since
        self._lines: list[LogLine] = []
        self._kept = 0

    @property
    def started(self) -> datetime:
        """When the attempt began to work."""
        return self._started

    def report(self, position: int, progress: float | None = None, **metrics: float) -> None:
        """Keep one row of numbers for the next beat (`algorithms.base.Report`)."""
        values = {name: float(value) for name, value in metrics.items()}
        with self._lock:
            self._rows.append(MetricRow(int(position), values, now()))
            self._progress = self._progress if progress is None else min(1.0, max(0.0, float(progress)))
            self._has_news = True

    def tick(self) -> None:
        """Beat, if it is time."""
        if time.monotonic() < self._next_at:
            return
        with self._beating:
            if not self._is_over:
                self._next_at = time.monotonic() + BEAT_S
                self._beat()

    def remind(self) -> None:
        """Whoever heard the last beats may have died with them: the next one tells again what they told."""
        with self._lock:
            self._rows = [row for _at, row in self._recent] + self._rows
            self._has_news = True

    def say(self, text: str) -> None:
        """The platform's own word in the step's log, after all that was printed."""
        with self._beating:
            self._collect_rest()
            at = now()
            self._lines += [self._make_line(at, "dix", line) for line in text.splitlines()]

    def add(self, lines: Sequence[LogLine]) -> None:
        """What another worker of the step has printed."""
        with self._beating:
            self._lines += lines

    def stop(self) -> tuple[MetricRow, ...]:
        """End the beat; all that was printed is kept, the rows that may not have been heard yet are handed back.

        Those of the last beat are among them: a report may overtake it. Points that come twice count once.
        """
        with self._beating:
            self._is_over = True
            self._collect_rest()
            self._keep_lines()
            with self._lock:
                return self._told + tuple(self._rows)

    def _beat(self) -> None:
        beat = self._make_beat()
        if beat is not None:
            self._tell(beat)
        self._collect()
        clock = time.monotonic()
        if clock >= self._next_chunk_at:
            self._keep_lines()
            # A step that works for days shall not leave a chunk for each second of them.
            self._next_chunk_at = clock + min(_RAREST_CHUNK_S, max(_CHUNK_S, (clock - self._since) / 100))

    def _make_beat(self) -> Beat | None:
        """What has not been told yet; None when there is nothing new."""
        with self._lock:
            if not self._has_news:
                return None
            self._has_news = False
            self._told, self._rows = tuple(self._rows), []
            clock = time.monotonic()
            remembered = [(at, row) for at, row in self._recent if clock - at < _REMEMBERED_S]
            self._recent = remembered + [(clock, row) for row in self._told]
            return Beat(self._key, self._started, self._progress, self._told)

    def _collect_rest(self) -> None:
        """All that was printed, part by part: a step that printed much shall not fill the memory with it."""
        while self._collect():
            self._keep_lines()
        self._collect(to_the_end=True)

    def _collect(self, *, to_the_end: bool = False) -> bool:
        """Take what was printed since the last time; whether there was anything."""
        at = now()
        fresh = self._capture.read(to_the_end=to_the_end)
        for stream, text in fresh:
            self._lines.append(self._make_line(at, stream, self._mask.hide(text)))
        return bool(fresh)

    def _make_line(self, at: datetime, stream: str, text: str) -> LogLine:
        return LogLine(self._key.node, self._key.attempt, at, stream, self._label + text)

    def _keep_lines(self) -> None:
        kept = 0
        try:
            for part in split_lines(self._lines):
                self._keep(self._kept + kept, part)
                kept += len(part)
        except PlatformError as error:  # the lines wait for the next chunk; the step itself is not harmed
            _logger.warning("the log of %s cannot be kept now: %s", self._key, error)
        self._kept += kept
        del self._lines[:kept]
