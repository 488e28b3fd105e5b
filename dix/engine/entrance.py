"""Where accepted runs wait until their project may run one more. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dix.engine.plan import Plan
from dix.quota.book import QuotaBook
from dix.quota.reasons import explain_short
from dix.quota.turns import Waiter, choose_next
from dix.records.attempt import Attempt
from dix.records.change import RunMove
from dix.records.moments import now
from dix.records.run import Run
from dix.records.step import Step

ONE_RUN = {"runs": 1.0}


@dataclass(frozen=True, slots=True)
class TakeUp:
    """A run that was accepted, or that was found unfinished.

    Of one that was found, `under_way` are the attempts that had begun, and `alive` is the last sign of life on disk.
    """

    run: Run
    steps: tuple[Step, ...]
    plan: Plan
    under_way: tuple[Attempt, ...] = ()
    alive: datetime | None = None


class Entrance:
    """Runs that are queued, each with its reason."""

    def __init__(self) -> None:
        self._waiting: dict[str, TakeUp] = {}

    def add(self, taken: TakeUp) -> None:
        """A run has been accepted."""
        self._waiting[taken.run.id] = taken

    def remove(self, run: str) -> None:
        """It waits no more, if it did."""
        self._waiting.pop(run, None)

    def let_in(self, book: QuotaBook) -> Iterable[TakeUp]:
        """Those that may run now, in the order of their turns; they are counted from now on."""
        queues: dict[str, list[TakeUp]] = {}
        for taken in sorted(
            self._waiting.values(), key=lambda taken: make_waiter(taken.run, ONE_RUN).rank(), reverse=True
        ):
            queues.setdefault(taken.run.project, []).append(taken)
        while queues:
            project = choose_next({name: make_waiter(queue[-1].run, ONE_RUN) for name, queue in queues.items()}, book)
            if book.find_short(project, ONE_RUN) is not None:
                del queues[project]
                continue
            taken = queues[project].pop()
            if not queues[project]:
                del queues[project]
            del self._waiting[taken.run.id]
            book.take(taken.run.id, project, taken.run.id, taken.run.priority, ONE_RUN)
            yield taken

    def set_priority(self, run: str, priority: int) -> RunMove | None:
        """The move to write down; None when it does not wait here."""
        if run not in self._waiting:
            return None
        return self._move(run, replace(self._waiting[run].run, priority=priority), priority)

    def explain(self, book: QuotaBook) -> list[RunMove]:
        """The moves of those whose reason is another now."""
        moves = []
        for name, taken in list(self._waiting.items()):
            short = book.find_short(taken.run.project, ONE_RUN)
            reason = explain_short(book, short) if short else "it is its turn next"
            if taken.run.reason != reason:
                moves.append(self._move(name, replace(taken.run, reason=reason)))
        return moves

    def __contains__(self, run: str) -> bool:
        return run in self._waiting

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def _move(self, name: str, run: Run, priority: int | None = None) -> RunMove:
        self._waiting[name] = replace(self._waiting[name], run=run)
        return RunMove(name, run.state, run.state, now(), reason=run.reason, priority=priority)


def make_waiter(run: Run, amounts: Mapping[str, float]) -> Waiter:
    """The run as one that waits for its turn to take these amounts."""
    return Waiter(run.priority, run.created, run.id, amounts)
