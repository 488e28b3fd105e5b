"""What backfills look like on their way in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from dix.api.parts import Parts
from dix.api.shapes import MOST_VERSIONS, Answer, Body, Moment, Plain
from dix.records.backfill import Backfill, BackfillState, Instance, Which
from dix.records.limit import MOST
from dix.records.run import MOST_PRIORITY
from dix.records.schedule import Order
from dix.records.states import RunState

AtOnce = Annotated[int, Field(ge=1, le=MOST, description="How many of its runs may go at once")]


class BackfillBody(Body):
    """For which dates a flow shall run: from first to last, both included, or dates."""

    flow: str
    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS, description="The latest, else")
    project: str | None = Field(default=None, description="The flow's own by default")
    params: dict[str, Any] = Field(default={}, description="Over the defaults of the flow")
    first: str | None = Field(default=None, description="The first logical date, ISO 8601; UTC without an offset")
    last: str | None = Field(default=None, description="The last one")
    dates: list[str] = Field(default=[], description="These logical dates, and no range")
    step: str | None = Field(default=None, description="A time as 1d, or a cron line; the flow's schedule, else")
    zone: str | None = Field(default=None, description="The time zone of a cron line; UTC by default")
    from_node: str | None = Field(
        default=None, description="Do this node and what follows it again, for each date in the range that has a run"
    )
    order: Literal["forwards", "backwards"] = "forwards"
    which: Literal["missing", "failed", "all"] | None = Field(
        default=None,
        description="Dates without a run; without one that succeeded; each. By default missing, with from_node all",
    )
    concurrency: AtOnce = 1
    priority: int = Field(default=0, ge=-MOST_PRIORITY, le=MOST_PRIORITY)


class BackfillChanges(Body):
    """What shall change of a backfill that is not over."""

    concurrency: AtOnce


class BackfillAnswer(Answer):
    """A backfill, and how many of its runs stand where."""

    id: str
    flow: str
    flow_version: int
    project: str
    user: str
    params: dict[str, Plain]
    first: Moment | None
    last: Moment | None
    dates: list[Moment]
    cron: str | None
    zone: str
    step_s: float | None
    interval_s: float | None
    from_node: str | None
    order: Order
    which: Which
    concurrency: int
    priority: int
    state: BackfillState
    created: Moment
    changed: Moment | None
    changed_by: str
    is_over: bool = Field(default=False, description="Nothing of it waits or goes on any more")
    runs: dict[RunState, int] = Field(default={}, description="How many of its runs are in which state")


class InstanceAnswer(Answer):
    """One run that a backfill makes."""

    place: int
    logical_date: Moment
    data_interval_start: Moment
    data_interval_end: Moment
    flow: str
    flow_version: int
    params: dict[str, Plain]
    selection: dict[str, str]


class LeftOutAnswer(Answer):
    """One date for which none is made, and why."""

    logical_date: Moment
    reason: str


class BackfillPreviewAnswer(Answer):
    """All that a backfill would make, as it would be made; and what it would leave out."""

    items: list[InstanceAnswer]
    next_cursor: str | None = None
    left_out: list[LeftOutAnswer]


def show_instance(instance: Instance) -> InstanceAnswer:
    """One run of a backfill as it goes out, made or to be made."""
    return InstanceAnswer(
        place=instance.place,
        logical_date=instance.logical_date,
        data_interval_start=instance.interval_start,
        data_interval_end=instance.interval_end,
        flow=instance.flow,
        flow_version=instance.flow_version,
        params=instance.params,
        selection=instance.selection,
    )


def show_all(backfills: Sequence[Backfill], parts: Parts) -> list[BackfillAnswer]:
    """Backfills as they go out, with how their runs stand now."""
    counted = parts.catalog.backfills.count_runs([one.origin for one in backfills])
    shown = []
    for one in backfills:
        answer = BackfillAnswer.model_validate(one)
        answer.runs = counted.get(one.origin, {})
        open_states = {RunState.QUEUED, RunState.RUNNING}
        answer.is_over = one.state is not BackfillState.CREATING and not open_states & answer.runs.keys()
        shown.append(answer)
    return shown
