"""A backfill: runs of a flow for dates in the past, made all together, run as its own concurrency admits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dix.records.schedule import DEFAULT_ZONE, Order
from dix.records.states import RunState
from dix.records.tag import make_tag
from dix.records.user import FIRST_USER

# In the whole range, made or left out: more than that is refused before anything is made.
MOST_DATES = 20_000


class Which(StrEnum):
    """For which dates runs are made; never for one that a run is queued for, or running."""

    MISSING = "missing"  # those without a run
    FAILED = "failed"  # those without a run that has succeeded
    ALL = "all"  # each


class BackfillState(StrEnum):
    """Where a backfill stands. Each is written by the scheduler, and only by it."""

    CREATING = "creating"  # written down; its runs may not be
    OPEN = "open"  # its runs go as there is room; over when they are
    PAUSED = "paused"  # none of its runs begins
    CANCELLED = "cancelled"  # its runs are cancelled


@dataclass(frozen=True, slots=True)
class Backfill:
    """What is wanted: dates from `first` to `last`, both included, or `dates`.

    The step from one to the next is that of a cron line in a zone, or `step_s`. With `from_node`, that node and what
    follows it are done again for each date in the range that has a run. `params` are all of the flow's.
    """

    id: str
    flow: str
    flow_version: int
    created: datetime
    project: str = "default"
    user: str = FIRST_USER
    params: dict[str, Any] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    dates: tuple[datetime, ...] = ()
    cron: str | None = None
    zone: str = DEFAULT_ZONE
    step_s: float | None = None
    interval_s: float | None = None
    from_node: str | None = None
    order: Order = Order.FORWARDS
    which: Which = Which.MISSING
    concurrency: int = 1
    priority: int = 0
    state: BackfillState = BackfillState.CREATING
    changed: datetime | None = None
    changed_by: str = FIRST_USER

    @property
    def origin(self) -> str:
        """What its runs say of where they come from, and the key of its limit."""
        return f"backfills/{self.id}"

    @property
    def tag(self) -> str:
        """Another one for each change."""
        return make_tag(self.id, self.state, self.concurrency, self.changed)


@dataclass(frozen=True, slots=True)
class DatedRun:
    """What is known of a run of the flow for one date."""

    logical_date: datetime
    interval_start: datetime
    interval_end: datetime
    run: str
    state: RunState
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instance:
    """One run that a backfill makes."""

    place: int
    flow: str
    flow_version: int
    params: dict[str, Any]
    selection: dict[str, str]
    logical_date: datetime
    interval_start: datetime
    interval_end: datetime


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One date for which none is made, and why."""

    logical_date: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class BackfillPreview:
    """What a backfill makes, in its order, and what not."""

    instances: tuple[Instance, ...]
    left_out: tuple[LeftOut, ...]
