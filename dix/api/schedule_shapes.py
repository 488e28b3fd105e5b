"""What schedules look like on their way in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from dix.api.shapes import MOST_VERSIONS, Answer, Body, Moment, Plain, read_moment
from dix.errors import BadValue
from dix.flow.units import read_time
from dix.names import check_name
from dix.records.limit import MOST
from dix.records.moments import now
from dix.records.run import MOST_PRIORITY
from dix.records.schedule import DEFAULT_ZONE, MOST_CAUGHT_UP, EventKind, Order, Overlap, Schedule, Watch
from dix.schedule.cron import read_cron
from dix.schedule.decide import list_next
from dix.schedule.timetable import Fire
from dix.schedule.zones import read_zone

LEAST_EVERY_S, MOST_JITTER_S = 5.0, 7 * 86400.0

Time = Annotated[str | None, Field(description="A number with s, m, h or d, as 30m")]
Date = Annotated[str | None, Field(description="ISO 8601; UTC without an offset")]


class WatchBody(Body):
    """What is waited for: one of these."""

    data: str | None = Field(default=None, description="A URI: something appears there, or changes")
    alias: str | None = Field(default=None, description="models:/NAME@ALIAS: it is set, or moved")
    flow: str | None = Field(default=None, description="A flow: a run of it succeeds, trials of sweeps aside")
    every: Time = Field(default=None, description="How often data is looked at; 60s by default")


class TimesBody(Body):
    """When a schedule is due."""

    cron: str | None = Field(default=None, description="Five fields, as 0 6 * * MON-FRI, or @daily and its like")
    zone: str = Field(default=DEFAULT_ZONE, description="The IANA name of a time zone, as Europe/Vienna")
    start: Date = Field(default=None, description="The first logical date, ISO 8601; UTC without an offset")
    end: Date = Field(default=None, description="The last logical date")
    interval: Time = Field(default=None, description="How far the data interval goes back; to the time before, else")
    jitter: Time = Field(default=None, description="Each is put off by a part of this, always the same one")


class ScheduleChanges(TimesBody):
    """What shall change; null is the default again."""

    flow: str | None = Field(default=None, description="What shall run")
    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS, description="The latest, else")
    params: dict[str, Any] | None = Field(default=None, description="Over the defaults of the flow")
    on: WatchBody | None = Field(default=None, description="An event, instead of cron")
    paused: bool = False
    catch_up: int = Field(
        default=0, ge=0, le=MOST_CAUGHT_UP, description="Of what is late, so many are made; 0: the last one alone"
    )
    catch_up_order: Literal["forwards", "backwards"] = "forwards"
    grace: Time = Field(default=None, description="What is later than that is missed")
    overlap: Literal["allow", "queue", "skip", "replace"] = Field(
        default="queue", description="What becomes of one that is due while as many as may go still go on"
    )
    concurrency: int | None = Field(default=None, ge=1, le=MOST, description="1, except where overlap is allow")
    priority: int = Field(default=0, ge=-MOST_PRIORITY, le=MOST_PRIORITY)


class ScheduleBody(ScheduleChanges):
    """A schedule that is to be made: either cron, or on."""

    name: str
    flow: str = Field(description="What shall run")
    project: str | None = Field(default=None, description="The flow's own by default")


class WatchAnswer(Answer):
    """What is waited for."""

    kind: EventKind
    target: str
    every_s: float = Field(description="How often data is looked at; the other kinds tell at once")


class ScheduleAnswer(Answer):
    """A schedule, and when it is due next."""

    name: str
    flow: str
    version: int | None
    project: str
    user: str
    params: dict[str, Plain]
    cron: str | None
    zone: str
    watch: WatchAnswer | None
    start: Moment | None
    end: Moment | None
    is_paused: bool
    resumed: Moment | None
    interval_s: float | None
    catch_up: int
    catch_up_order: Order
    grace_s: float | None
    jitter_s: float
    overlap: Overlap
    concurrency: int | None
    priority: int
    created: Moment
    counts_from: Moment
    changed: Moment | None
    changed_by: str
    due: Moment | None = Field(default=None, description="Null while it is paused, and where nothing is left")


class FireAnswer(Answer):
    """One time at which a schedule is due: after its data interval, whose start is its logical date."""

    due: Moment
    local: str = Field(description="The same on a clock in the schedule's zone")
    zone: str
    logical_date: Moment
    data_interval_start: Moment
    data_interval_end: Moment


class MissedAnswer(Answer):
    """Times that became no run: so many, with logical dates from first to last."""

    first: Moment
    last: Moment
    count: int
    reason: str
    at: Moment


def show_schedule(schedule: Schedule) -> ScheduleAnswer:
    """The schedule as it goes out."""
    answer = ScheduleAnswer.model_validate(schedule)
    if schedule.cron is not None and not schedule.is_paused:
        following = next(iter(list_next(schedule, now())), None)
        answer.due = None if following is None else following.due
    return answer


def show_fire(fire: Fire, schedule: Schedule) -> FireAnswer:
    """One of its times as it goes out."""
    return FireAnswer(
        due=fire.due,
        local=fire.due.astimezone(read_zone(schedule.zone)).isoformat(),
        zone=schedule.zone,
        logical_date=fire.logical_date,
        data_interval_start=fire.interval_start,
        data_interval_end=fire.interval_end,
    )


def read_times(body: TimesBody, moment: datetime) -> Schedule:
    """A schedule of nothing, for the preview of its times."""
    if body.cron is None:
        raise BadValue("cron", "a cron line", "none")
    return _read_times(Schedule("preview", "preview", moment, moment), body)


def read_changes(schedule: Schedule, body: ScheduleChanges) -> Schedule:
    """The schedule with what a body says of it; raises BadValue."""
    given = body.model_fields_set
    changed = _read_times(schedule, body)
    if "on" in given:
        changed = replace(changed, watch=_read_watch(body.on))
    simple = ("version", "catch_up", "concurrency", "priority")
    changes: dict[str, Any] = {name: getattr(body, name) for name in simple if name in given}
    if "flow" in given and body.flow is not None:
        changes["flow"] = check_name("flow", body.flow)
    if "params" in given:
        changes["params"] = body.params or {}
    if "paused" in given:
        changes["is_paused"] = body.paused
    if "catch_up_order" in given:
        changes["catch_up_order"] = Order(body.catch_up_order)
    if "overlap" in given:
        changes["overlap"] = Overlap(body.overlap)
    if "grace" in given:
        changes["grace_s"] = None if body.grace is None else read_time(body.grace, "grace")
    changed = replace(changed, **changes)
    if (changed.cron is None) == (changed.watch is None):
        raise BadValue("schedule", "either cron (times) or on (an event)", "both or none")
    return changed


def _read_times(schedule: Schedule, body: TimesBody) -> Schedule:
    given = body.model_fields_set
    changes: dict[str, Any] = {}
    if "cron" in given:
        changes["cron"] = body.cron
        if body.cron is not None:
            read_cron(body.cron)
    if "zone" in given:
        read_zone(body.zone)
        changes["zone"] = body.zone
    for name in ("start", "end"):
        if name in given:
            text = getattr(body, name)
            changes[name] = None if text is None else read_moment(name, text)
    if "interval" in given:
        changes["interval_s"] = None if body.interval is None else read_time(body.interval, "interval")
    if "jitter" in given:
        changes["jitter_s"] = 0.0 if body.jitter is None else _read_jitter(body.jitter)
    changed = replace(schedule, **changes)
    if changed.start is not None and changed.end is not None and changed.start > changed.end:
        raise BadValue("end", "a date that is not before start", body.end)
    return changed


def _read_jitter(text: str) -> float:
    jitter = read_time(text, "jitter")
    if jitter > MOST_JITTER_S:
        raise BadValue("jitter", "at most 7d", text)
    return jitter


def _read_watch(body: WatchBody | None) -> Watch | None:
    if body is None:
        return None
    given = {kind: target for kind in EventKind if (target := getattr(body, kind.value)) is not None}
    if len(given) != 1:
        raise BadValue("on", "one of data, alias and flow", " and ".join(given) or "none")
    every = 60.0 if body.every is None else read_time(body.every, "on.every")
    if every < LEAST_EVERY_S:
        raise BadValue("on.every", f"at least {LEAST_EVERY_S:g}s", body.every)
    ((kind, target),) = given.items()
    return Watch(kind, target, every)
