"""With whom a worker does its step: alone, as one of several, or as the first of them. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dix.engine.messages import StepOrder
from dix.engine.pulse import KeepLines
from dix.errors import BadValue
from dix.frameworks.worker_group import WorkerGroup
from dix.records.attempt import Used
from dix.records.log_line import LogLine

AddLines = Callable[[Sequence[LogLine]], None]


class Team(Protocol):
    """Asked by the worker, once a step, in this order; `label` stands before each line that it prints."""

    @property
    def label(self) -> str:
        """Says whose line it is, where there are several."""

    @property
    def keep(self) -> KeepLines | None:
        """Gets what this worker prints; None where it goes straight into the store."""

    def join(self, order: StepOrder, add_lines: AddLines) -> AbstractContextManager[WorkerGroup | None]:
        """Work inside; it ends well when all workers have ended well, and else raises what the step fails with.

        `add_lines` gets what the others print.
        """

    def sum_up(self, own: Used) -> Used:
        """What all of them have used."""


class Alone:
    """The only worker."""

    label = ""
    keep: KeepLines | None = None

    @contextlib.contextmanager
    def join(self, order: StepOrder, add_lines: AddLines) -> Iterator[None]:  # noqa: ARG002 the interface's name
        workers = order.step.slice.workers
        if workers > 1:
            raise BadValue("resources.workers", "1, where steps are done without Ray", workers)
        yield

    def sum_up(self, own: Used) -> Used:
        return own


@dataclass(frozen=True, slots=True)
class Mate:
    """One that is not the first."""

    group: WorkerGroup
    keep: KeepLines

    @property
    def label(self) -> str:
        return make_label(self.group.rank)

    @contextlib.contextmanager
    def join(self, order: StepOrder, add_lines: AddLines) -> Iterator[WorkerGroup]:  # noqa: ARG002
        yield self.group

    def sum_up(self, own: Used) -> Used:
        return own


def make_label(rank: int) -> str:
    """What stands before each line of one of several workers."""
    return f"[{rank}] "


def _check(alone: Alone, mate: Mate) -> tuple[Team, Team]:
    return alone, mate
