"""The interfaces of a sweep's decisions: who says what is tried next, and who says which trials go on.

Both are asked from one thread. They do nothing themselves, and can be made anew at any moment by telling them again
what happened, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from dix.records.trial import Trial


class Search(Protocol):
    """Finds the parameters of trials."""

    def suggest(self, number: int) -> dict[str, Any] | None:
        """The parameters of the trial of this number; None when nothing is left to try."""

    def add(self, trial: Trial) -> None:
        """A trial is there that was not suggested since this was made."""

    def end(self, trial: Trial) -> None:
        """A trial is over, with its values if it has any."""


class Fate(StrEnum):
    """What becomes of a trial on its way."""

    STOP = "stop"  # it is not worth going on
    PAUSE = "pause"  # its run ends; it may go on from where it was
    GO_ON = "go on"  # one that was paused
    FOLLOW = "follow"  # it goes on from where another one is, with other parameters


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the trial `number`; `donor` and `params` are set where it follows another one."""

    number: int
    fate: Fate
    donor: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


class Halting(Protocol):
    """Says which trials go on."""

    def add(self, trial: Trial) -> None:
        """A trial is there."""

    def hear(self, number: int, position: int, value: float) -> tuple[Verdict, ...]:
        """A trial that runs has come to a number at a position, greater than any before."""

    def end(self, trial: Trial) -> tuple[Verdict, ...]:
        """A trial is over, by itself or because of a verdict."""

    def is_paused(self, number: int) -> bool:
        """Whether a trial shall not go on until a verdict says so."""


class SweepOwner(Protocol):
    """Whoever owns sweeps, in this process or another."""

    def look_at(self, sweep: str) -> None:
        """A sweep was changed in the catalog; returns when what follows has been done, or will be."""


class GoOn:
    """Lets every trial go on."""

    def add(self, trial: Trial) -> None:
        pass

    def hear(self, number: int, position: int, value: float) -> tuple[Verdict, ...]:  # noqa: ARG002
        return ()

    def end(self, trial: Trial) -> tuple[Verdict, ...]:  # noqa: ARG002
        return ()

    def is_paused(self, number: int) -> bool:  # noqa: ARG002
        return False


def _fits(going_on: GoOn) -> Halting:
    return going_on
