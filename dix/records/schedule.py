"""A schedule: lets a flow run by the clock, or whenever something happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from dix.records.tag import make_tag
from dix.records.user import FIRST_USER

DEFAULT_ZONE = "UTC"
MOST_CAUGHT_UP = 1000


class Overlap(StrEnum):
    """What becomes of an instance that is due while as many as may go at once still go on."""

    ALLOW = "allow"  # it runs beside them
    QUEUE = "queue"  # it waits
    SKIP = "skip"  # it is left out
    REPLACE = "replace"  # the oldest of them is cancelled


class Order(StrEnum):
    """Which of several instances goes first."""

    FORWARDS = "forwards"
    BACKWARDS = "backwards"


class EventKind(StrEnum):
    """What may let a flow run instead of the clock."""

    DATA = "data"  # something appears, or changes, under a URI
    ALIAS = "alias"  # models:/NAME@ALIAS is set, or moved
    FLOW = "flow"  # a run of another flow succeeds


@dataclass(frozen=True, slots=True)
class Watch:
    """An event that is waited for, as `flow` `prepare` or `alias` `models:/digits@champion`.

    What tells nobody when it changes, data, is looked at every `every_s`.
    """

    kind: EventKind
    target: str
    every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is wanted: either `cron`, in `zone`, or `watch`. `version` None is the flow's latest at the time.

    `start` and `end` bound the logical dates, both included. The data interval of each goes back to the time before it,
    or as far as `interval_s`. What is later than `grace_s` is missed; of what is late, as after a standstill,
    `catch_up` says how many are made at most (0: the last one alone). `jitter_s` is the most by which each is put off.
    `concurrency` says how many may go at once; without it one, except where `overlap` is allow. `counts_from` is when
    its times began to count: its creation, or the last change of them; `resumed` when it was paused no more: what was
    due before then is missed, unless it catches up. `changed_by` and `changed` are about what is wanted.
    """

    name: str
    flow: str
    created: datetime
    counts_from: datetime
    version: int | None = None
    project: str = "default"
    user: str = FIRST_USER
    params: dict[str, Any] = field(default_factory=dict)
    cron: str | None = None
    zone: str = DEFAULT_ZONE
    watch: Watch | None = None
    start: datetime | None = None
    end: datetime | None = None
    is_paused: bool = False
    resumed: datetime | None = None
    interval_s: float | None = None
    catch_up: int = 0
    catch_up_order: Order = Order.FORWARDS
    grace_s: float | None = None
    jitter_s: float = 0.0
    overlap: Overlap = Overlap.QUEUE
    concurrency: int | None = None
    priority: int = 0
    changed: datetime | None = None
    changed_by: str = FIRST_USER

    @property
    def origin(self) -> str:
        """What its runs say of where they come from, and the key of its limit."""
        return f"schedules/{self.name}"

    @property
    def tag(self) -> str:
        """Another one for each change."""
        return make_tag(self.name, self.changed or self.created, self.is_paused)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a schedule has been decided: everything due up to and with `until`; `seen` is what a watch saw last."""

    schedule: str
    until: datetime
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """A time that was decided to become a run, written down before the run is: `run` is the id it will have."""

    schedule: str
    run: str
    logical_date: datetime
    interval_start: datetime
    interval_end: datetime
    event: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    """Times that became no run, and why: `count` of them with logical dates from `first` to `last`."""

    schedule: str
    first: datetime
    last: datetime
    count: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """What one decision writes together: where the schedule is now, what becomes runs, what does not."""

    mark: Mark
    firings: tuple[Firing, ...] = ()
    missed: tuple[Missed, ...] = ()
