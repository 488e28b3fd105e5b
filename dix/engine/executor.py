"""The interface of an executor: it starts attempts and ends them, and tells what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, Returned, StepKey, StepOrder, StepReport


@dataclass(frozen=True, slots=True)
class Alive:
    """An attempt that outlived the one who started it; `started` is None when it is over and its report will come.

    Attempts with the same `line` are done one after the other, in this order, with the slots of one.
    """

    key: StepKey
    place: Place
    line: str
    started: datetime | None = None


class Listener(Protocol):
    """Who is told; called from any thread, must return at once.

    Of each started attempt that was not stopped, either its end or its return is told, and that once.
    """

    def on_beat(self, beat: Beat) -> None:
        """A worker works, and says how far it is."""

    def on_end(self, report: StepReport) -> None:
        """An attempt is over."""

    def on_return(self, returned: Returned) -> None:
        """A queued attempt was taken back, or lost its place; it has not come to its turn."""


class Executor(Protocol):
    """Does steps somewhere else; no call blocks, all of them come from one thread."""

    def find_alive(self) -> tuple[Alive, ...]:
        """Asked once, before anything is started: attempts that an earlier engine started and that are not lost.

        Their ends are told from then on. This one call may wait.
        """

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:
        """Hand an attempt on: it runs on that machine, with `after` as soon as that attempt has ended there."""

    def take_back(self, keys: Iterable[StepKey]) -> None:
        """Attempts that have not come to their turn return; those that have go on."""

    def stop(self, key: StepKey) -> None:
        """End an attempt at once, also one that ignores signals; nothing is told of it any more."""

    def acknowledge(self, key: StepKey) -> None:
        """What this attempt came to is on disk; until then its report is kept where it ran."""

    def capacity(self) -> tuple[Machine, ...]:
        """What each machine has to give, free or not."""

    def close(self) -> None:
        """End all attempts."""
