"""The scheduler's loop: it sleeps until something is due or told, and does it. No Ray."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from dix.engine.news import NewsSource
from dix.errors import PlatformError
from dix.logs import get_logger
from dix.records.moments import now
from dix.records.schedule import EventKind
from dix.schedule.backfills import BackfillDesk
from dix.schedule.timekeeper import Timekeeper

# A clock that is set is noticed so much later.
_LONGEST_SLEEP_S = 30.0
_PAUSE_S = 2.0
_NEWS_TIMEOUT_S = 60.0
_GATHER_S = 0.5  # runs that end within so short a time are looked at together

_logger = get_logger("schedule")


class Rounds:
    """Any thread may tell it something; one at a time has its turn with schedules and backfills."""

    def __init__(self, timekeeper: Timekeeper, backfills: BackfillDesk, news: NewsSource) -> None:
        self._timekeeper = timekeeper
        self._backfills = backfills
        self._news = news
        self._turn = threading.RLock()
        self._bell = threading.Event()
        self._is_loaded = False  # set once everything was read
        self._is_over = False

    def reread(self, name: str) -> None:
        """A schedule is another one now; returns when it holds."""
        with self._turn:
            self._load()
            self._timekeeper.reread(name, now())
        self._bell.set()

    def look_at_events(self, kind: EventKind) -> None:
        """Something of a kind may have happened that is waited for."""
        with self._turn:
            self._load()
            if not self._timekeeper.look_at_events(kind, now()):
                return
        self._bell.set()

    @contextlib.contextmanager
    def turn(self) -> Iterator[BackfillDesk]:
        """The desk of backfills, while nothing else is decided: no date gets two runs."""
        with self._turn:
            self._load()
            yield self._backfills

    def do_round(self) -> datetime | None:
        """Do what is due; when there is more, if it is known."""
        with self._turn:
            self._load()
            return self._timekeeper.tick(now())

    def end(self) -> None:
        """The threads end."""
        self._is_over = True
        self._bell.set()

    def start_threads(self, on_death: Callable[[], None] = lambda: None) -> None:
        """The loop, and the one that hears news of runs; `on_death` is called there when one ends by an error."""
        for name, loop in (("scheduler", self._go_on), ("news", self._hear)):
            threading.Thread(target=self._guard, args=(loop, on_death), name=name, daemon=True).start()

    def _guard(self, loop: Callable[[], None], on_death: Callable[[], None]) -> None:
        try:
            loop()
        finally:
            if not self._is_over:
                on_death()

    def _go_on(self) -> None:
        while not self._is_over:
            self._bell.clear()
            try:
                wake = self.do_round()
                pause_s = _LONGEST_SLEEP_S if wake is None else (wake - now()).total_seconds()
            except PlatformError as error:
                _logger.warning("the scheduler waits: %s", error)
                pause_s = _PAUSE_S
            self._bell.wait(min(max(pause_s, 0.0), _LONGEST_SLEEP_S))

    def _hear(self) -> None:
        mark = ""
        while not self._is_over:
            try:
                news = self._news.wait_for_news(mark, _NEWS_TIMEOUT_S)
                is_first, mark = mark == "", news.mark
                if news.ended or (not news.is_whole and not is_first):
                    self.look_at_events(EventKind.FLOW)
                    time.sleep(_GATHER_S)
            except PlatformError as error:
                _logger.warning("no news of runs: %s", error)
                time.sleep(_PAUSE_S)

    def _load(self) -> None:
        if not self._is_loaded:
            self._timekeeper.load(now())
            self._backfills.go_on()
            self._is_loaded = True
