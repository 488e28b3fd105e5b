"""News of runs: which have ended, and which have told numbers. Whoever drives runs waits for them here."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

KEPT = 50_000


@dataclass(frozen=True, slots=True)
class News:
    """What has happened since a mark; `mark` is where the next question goes on.

    When it is not `is_whole`, something may have happened that is not told: whoever asks looks at everything again.
    """

    mark: str
    ended: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    is_whole: bool = True


class NewsSource(Protocol):
    """The supervisor, in this process or another."""

    def wait_for_news(self, mark: str, timeout_s: float) -> News:
        """What has happened after a mark (an empty one is the beginning), as soon as anything has; or nothing, in time.

        Raises Unreachable when the supervisor is away.
        """


class NewsBoard:
    """Kept in memory; any thread may tell or wait."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(4)
        self._turn = threading.Condition()
        self._told: deque[tuple[str, bool]] = deque(maxlen=KEPT)  # each run, and whether it has ended
        self._number = 0  # of the last one

    def tell(self, ended: Iterable[str] = (), measured: Iterable[str] = ()) -> None:
        """These runs have ended; these have told numbers."""
        told = [*((run, False) for run in measured), *((run, True) for run in ended)]
        if not told:
            return
        with self._turn:
            self._told.extend(told)
            self._number += len(told)
            self._turn.notify_all()

    def wait_for_news(self, mark: str, timeout_s: float) -> News:
        """As a `NewsSource`."""
        life, _, number = mark.partition("-")
        with self._turn:
            after = int(number) if life == self._life else 0
            self._turn.wait_for(lambda: self._number > after or life != self._life, timeout_s)
            count = min(self._number - after, len(self._told))
            fresh = list(self._told)[len(self._told) - count :]
            is_whole = life == self._life and count == self._number - after
            mark = f"{self._life}-{self._number}"
        ended = dict.fromkeys(run for run, is_over in fresh if is_over)
        measured = dict.fromkeys(run for run, is_over in fresh if not is_over)
        return News(mark, tuple(ended), tuple(measured), is_whole)


def _fits(board: NewsBoard) -> NewsSource:
    return board
