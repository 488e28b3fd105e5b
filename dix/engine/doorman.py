"""The doorman: lets runs in that were written down first and wait until their driver may run one more.

Its thread stands beside the runner's, in the same process; it looks when a run has ended, when one was held, and when a
limit has changed.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable

from dix.catalog.base import Catalog
from dix.engine.acceptance import Acceptance
from dix.engine.entrance import TakeUp
from dix.engine.gates import Gates
from dix.engine.news import NewsBoard
from dix.engine.runner import CATALOG_PAUSE_S
from dix.errors import DixError, PlatformError
from dix.logs import get_logger
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState
from dix.records.stream import Stream

AT_ONCE = 50  # of each stream, before it looks again

_logger = get_logger("engine")


class Doorman:
    """`ring` may be called from any thread; the rest happens in its own."""

    def __init__(
        self,
        catalog: Catalog,
        make_acceptance: Callable[[], Acceptance],
        let_in: Callable[[TakeUp], None],
        news: NewsBoard,
    ) -> None:
        """`let_in` hands a run on to the runner; `news` tells of those that fail at the door."""
        self._catalog = catalog
        self._make_acceptance = make_acceptance
        self._hand_on = let_in
        self._news = news
        self._bell = threading.Event()
        self._is_over = False
        self._told: dict[Stream, str] = {}  # the reason of each stream that waits; emptied when others may have come

    def ring(self, *, has_others: bool = False) -> None:
        """There may be room now; `has_others`: runs were held, or limits are others."""
        if has_others:
            self._told = {}
        self._bell.set()

    def end(self) -> None:
        """The thread ends."""
        self._is_over = True
        self._bell.set()

    def start_thread(self, on_death: Callable[[], None] = lambda: None) -> threading.Thread:
        """The loop in a thread of its own; `on_death` is called there when it ends by an error."""

        def loop() -> None:
            try:
                self._go_on()
            finally:
                if not self._is_over:
                    _logger.error("the doorman has died\n%s", traceback.format_exc())
                    on_death()

        self._bell.set()
        thread = threading.Thread(target=loop, name="doorman", daemon=True)
        thread.start()
        return thread

    def look(self) -> None:
        """Let in all that may go now, and say of the others why they wait."""
        while self._look_once():
            pass

    def _look_once(self) -> bool:
        """Whether there may be more to let in than was seen."""
        door = self._catalog.held.look(AT_ONCE)
        gates = Gates(door.limits, door.opened)
        going: list[Run] = []
        staying: dict[Stream, str] = {}
        for run in door.first:
            stream = Stream.of(run)
            if gates.let_through(stream):
                going.append(run)
            elif stream not in staying:
                staying[stream] = gates.explain(stream)
        have_gone = [self._let_in(run) for run in going]
        self._explain(staying)
        counts = Counter(map(Stream.of, going))
        return not all(have_gone) or any(count >= AT_ONCE for count in counts.values())

    def _go_on(self) -> None:
        while True:
            self._bell.wait()
            self._bell.clear()
            if self._is_over:
                return
            try:
                self.look()
            except PlatformError as error:
                _logger.warning("the doorman waits: %s", error)
                time.sleep(CATALOG_PAUSE_S)
                self._bell.set()

    def _let_in(self, run: Run) -> bool:
        """Whether it has gone in; otherwise its turn is another one's."""
        try:
            accepted = self._make_acceptance().let_in(run)
        except PlatformError:
            raise
        except DixError as error:
            if self._catalog.held.end_held(run.id, RunState.FAILED, now(), str(error)):
                self._news.tell(ended=[run.id])
            return False
        if accepted is None:
            return False
        self._hand_on(TakeUp(accepted.run, accepted.steps, accepted.plan))
        return True

    def _explain(self, reasons: dict[Stream, str]) -> None:
        fresh = {stream: reason for stream, reason in reasons.items() if self._told.get(stream) != reason}
        if fresh:
            told = self._told
            self._catalog.held.explain(fresh)
            told.update(fresh)
