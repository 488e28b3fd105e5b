"""A run: one execution of a flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dix.errors import BadValue
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import Driver, RunState
from dix.records.user import FIRST_USER

MOST_PRIORITY = 1000  # and the least is as far below 0
MOST_PLACE = 1_000_000_000  # the same


@dataclass(frozen=True, slots=True)
class Run:
    """What is remembered of one run; its steps are kept beside it, by its id.

    `selection` names what of the flow is run: `{"from": NODE}`, `{"to": NODE}`, `{"only": NODE}` or empty for all.
    `logical_date` is None until the run has one; with no date given it is the moment of creation. `user` is who
    started it. Without `cache`, every step is done, whatever earlier runs have left; later ones may use it. Of the
    steps that wait, those of the run with the greater `priority` go first. `models` says what each reference to a model
    in its flow meant when it was accepted: `{"models:/digits@champion": "models:/digits/3"}`.
    `code` says the same of the code of its scripts: where it is kept as it was then.

    One that a schedule, a backfill or a sweep has made says so in `origin`: `schedules/NAME`, `backfills/ID`,
    `sweeps/NAME`; among those of the same, `place` is its turn. While it is `held`, it waits until its driver may run
    one more: it has no steps yet, and its parameters may be changed. The ends of its data interval are its logical date
    where it has no interval.
    """

    id: str
    flow: str
    flow_version: int
    created: datetime
    project: str = "default"
    state: RunState = RunState.QUEUED
    driver: Driver = Driver.MANUAL
    params: dict[str, Any] = field(default_factory=dict)
    selection: dict[str, str] = field(default_factory=dict)
    logical_date: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None
    error: str | None = None
    retry_of: str | None = None
    event: str | None = None
    user: str = FIRST_USER
    cache: bool = True
    priority: int = 0
    models: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    origin: str | None = None
    place: int = 0
    held: bool = False
    interval_start: datetime | None = None
    interval_end: datetime | None = None

    @property
    def interval(self) -> tuple[datetime, datetime]:
        """Both ends of its data interval."""
        moment = self.logical_date or self.created
        return self.interval_start or moment, self.interval_end or moment


def check_priority(priority: int) -> int:
    """The number itself; raises BadValue for one that is too far from 0."""
    if not -MOST_PRIORITY <= priority <= MOST_PRIORITY:
        raise BadValue("priority", f"a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}", priority)
    return priority


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs a list shall have; None lets all through, and `sight` those that are seen.

    `since` and `until` are about their creation, without `until` itself; `search` is a part of what is told of a run,
    in any case.
    """

    flow: str | None = None
    state: RunState | tuple[RunState, ...] | None = None
    driver: Driver | None = None
    project: str | None = None
    sight: Sight = EVERYTHING
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    origin: str | None = None
    held: bool | None = None
