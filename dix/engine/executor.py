"""The interface of an executor: it starts attempts and ends them, and tells what became of them."""

from __future__ import annotations

from typing import Protocol

from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, StepKey, StepOrder, StepReport


class Listener(Protocol):
    """Who is told; called from any thread, must return at once."""

    def on_beat(self, beat: Beat) -> None:
        """A worker works, and says how far it is."""

    def on_end(self, report: StepReport) -> None:
        """An attempt is over; called exactly once for each started attempt that was not stopped."""


class Executor(Protocol):
    """Does steps somewhere else; no call blocks, all of them come from one thread."""

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:
        """Hand an attempt on: it runs on that machine, with `after` as soon as that attempt has ended there."""

    def stop(self, key: StepKey) -> None:
        """End an attempt at once, also one that ignores signals; nothing is told of it any more."""

    def capacity(self) -> tuple[Machine, ...]:
        """What each machine has to give, free or not."""

    def close(self) -> None:
        """End all attempts."""
