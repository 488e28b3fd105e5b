"""Schedules over HTTP: let a flow run by the clock or by events, and see what will come of it before it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, Search, contains, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.permit import make_permit
from dix.api.reach import Reach, ReachHere
from dix.api.reasons import ReasonsHere
from dix.api.schedule_shapes import (
    FireAnswer,
    MissedAnswer,
    ScheduleAnswer,
    ScheduleBody,
    ScheduleChanges,
    TimesBody,
    read_changes,
    read_times,
    show_fire,
    show_schedule,
)
from dix.api.shapes import ListAnswer, read_moment
from dix.api.store_reach import StoreReach
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.engine.base import RunOrder
from dix.errors import BadValue, Conflict
from dix.names import check_name, read_model_reference
from dix.records.member import Role
from dix.records.moments import now
from dix.records.schedule import EventKind, Schedule
from dix.records.states import Driver
from dix.records.tag import Expected
from dix.schedule.decide import list_next

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"])

_SORTED_BY = ("name", "flow", "project", "user", "created", "cron", "zone", "is_paused", "due")
_FIELDS: Fields = {name: attrgetter(name) for name in _SORTED_BY}
_FIRE_FIELDS: Fields = {name: attrgetter(name) for name in ("due", "logical_date")}
_MISSED_FIELDS: Fields = {name: attrgetter(name) for name in ("at", "first", "last", "count", "reason")}
Count = Annotated[int, Query(ge=1, le=1000, description="How many of the next times")]
After = Annotated[str | None, Query(description="The times after this date or time, by default after now")]


@router.post("", status_code=201)
def create_schedule(body: ScheduleBody, parts: PartsHere, reach: ReachHere, response: Response) -> ScheduleAnswer:
    """Let a flow run by itself: at the times of a cron line, or whenever something happens."""
    check_name("schedule", body.name)
    kept = reach.flow(body.flow, body.version)
    project = kept.project if body.project is None else body.project
    reach.project(check_name("project", project), Role.USER)
    moment = now()
    schedule = Schedule(
        body.name, kept.flow, moment, moment, project=project, user=reach.caller.user, changed_by=reach.caller.user
    )
    schedule = read_changes(schedule, body)
    _check(schedule, parts, reach)
    parts.catalog.schedules.create_schedule(schedule)
    parts.scheduler.reread(schedule.name)
    return _answer(response, schedule)


@router.post("/preview")
def preview_times(body: TimesBody, count: Count = 10, after: After = None) -> ListAnswer[FireAnswer]:
    """The next times of a schedule that is not made yet; nothing is kept."""
    return ListAnswer(items=_list_fires(read_times(body, now()), count, after))


@router.get("")
def list_schedules(
    parts: PartsHere,
    caller: CallerHere,
    asked: AskedHere,
    *,
    flow: str | None = None,
    project: str | None = None,
    search: Search = None,
) -> ListAnswer[ScheduleAnswer]:
    """Every schedule, by name unless another order is asked for."""
    found = [
        show_schedule(one)
        for one in parts.catalog.schedules.list_schedules()
        if caller.sight.sees_run(one.project, one.flow)
        and flow in {None, one.flow}
        and project in {None, one.project}
        and contains(search, one.name, one.flow)
    ]
    page = make_page(found, _FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/{name}", dependencies=[Tagged])
def get_schedule(name: str, parts: PartsHere, response: Response) -> ScheduleAnswer:
    """One schedule, and when it is due next."""
    return _answer(response, parts.catalog.schedules.get_schedule(name))


@router.patch("/{name}")
def change_schedule(
    name: str,
    body: ScheduleChanges,
    parts: PartsHere,
    reach: ReachHere,
    *,
    response: Response,
    expected: ExpectedHere,
) -> ScheduleAnswer:
    """Change what is given of a schedule; it holds when the answer comes."""
    before = parts.catalog.schedules.get_schedule(name)
    changed = read_changes(before, body)
    if changed.flow != before.flow:
        reach.flow(changed.flow, changed.version)
    _check(changed, parts, reach)
    return _answer(response, _keep(changed, before, parts, reach, expected))


@router.post("/{name}/pause")
def pause_schedule(
    name: str, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedHere
) -> ScheduleAnswer:
    """Let it make no runs, and let those of it that wait go on waiting."""
    before = parts.catalog.schedules.get_schedule(name)
    return _answer(response, _keep(replace(before, is_paused=True), before, parts, reach, expected))


@router.post("/{name}/resume")
def resume_schedule(
    name: str, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedHere
) -> ScheduleAnswer:
    """Let it go on; what was due meanwhile is missed, unless it catches up."""
    before = parts.catalog.schedules.get_schedule(name)
    return _answer(response, _keep(replace(before, is_paused=False), before, parts, reach, expected))


@router.delete("/{name}", status_code=204)
def delete_schedule(name: str, parts: PartsHere, expected: ExpectedHere) -> Response:
    """Forget a schedule; its runs that wait are cancelled, and those that go on go on."""
    parts.catalog.schedules.delete_schedule(name, expected)
    parts.scheduler.reread(name)
    return Response(status_code=204)


@router.get("/{name}/preview")
def preview_schedule(
    name: str, parts: PartsHere, asked: AskedHere, count: Count = 10, after: After = None
) -> ListAnswer[FireAnswer]:
    """Its next times, in its zone and in UTC, with their data intervals: the scheduler goes by the same list."""
    fires = _list_fires(parts.catalog.schedules.get_schedule(name), count, after)
    page = make_page(fires, _FIRE_FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/{name}/missed")
def list_missed(name: str, parts: PartsHere, asked: AskedHere, reasons: ReasonsHere) -> ListAnswer[MissedAnswer]:
    """The times that became no run and why, newest first unless another order is asked for."""
    missed = parts.catalog.firings.list_missed(parts.catalog.schedules.get_schedule(name).name)
    page = make_page(missed, _MISSED_FIELDS, asked)
    items = [MissedAnswer.model_validate(one) for one in page.items]
    for item in items:
        item.reason = reasons.tell(item.reason) or ""
    return ListAnswer(items=items, next_cursor=page.next_cursor)


def _list_fires(schedule: Schedule, count: int, after: str | None) -> list[FireAnswer]:
    if schedule.cron is None:
        return []
    moment = now() if after is None else read_moment("after", after)
    return [show_fire(fire, schedule) for fire in islice(list_next(schedule, moment), count)]


def _keep(changed: Schedule, before: Schedule, parts: Parts, reach: Reach, expected: Expected | None) -> Schedule:
    """Write a change down and let the scheduler know."""
    moment = now()
    changed = replace(changed, changed=moment, changed_by=reach.caller.user)
    if before.is_paused and not changed.is_paused:
        changed = replace(changed, resumed=moment)
    times = ("cron", "zone", "watch", "start", "end", "interval_s", "jitter_s")
    if any(getattr(changed, name) != getattr(before, name) for name in times):
        changed = replace(changed, counts_from=moment)
    parts.catalog.schedules.update_schedule(changed, expected)
    parts.scheduler.reread(changed.name)
    return changed


def _check(schedule: Schedule, parts: Parts, reach: Reach) -> None:
    """Everything that can be known to be wrong, as of its first run."""
    fire = None if schedule.cron is None else next(iter(list_next(schedule, now())), None)
    if schedule.cron is not None and fire is None:
        raise BadValue("end", "a date after the next time it would run", "none is left", "look at its preview")
    if schedule.watch is not None:
        _check_watch(schedule, parts, reach)
    moment = now() if fire is None else fire.logical_date
    order = RunOrder(
        flow=schedule.flow,
        version=schedule.version,
        params=schedule.params,
        project=schedule.project,
        logical_date=moment,
        driver=Driver.TIMED,
        user=schedule.user,
        priority=schedule.priority,
        interval_start=moment,
        interval_end=moment if fire is None else fire.interval_end,
        permit=make_permit(parts, reach),
    )
    parts.engine.estimate_run(order, sight=reach.caller.sight)


def _check_watch(schedule: Schedule, parts: Parts, reach: Reach) -> None:
    watch = schedule.watch
    if watch is None:
        return
    if watch.kind is EventKind.ALIAS:
        named = read_model_reference(watch.target)
        if named.alias is None:
            raise BadValue("on.alias", "models:/NAME@ALIAS", watch.target)
        reach.model(named.model)
    elif watch.kind is EventKind.FLOW:
        reach.flow(watch.target)
        _check_circle(schedule, parts.catalog.schedules.list_schedules())
    else:
        store = StoreReach(parts, reach)
        if store.is_inside(watch.target):
            store.check_read_whole(watch.target)


def _check_circle(schedule: Schedule, others: Iterable[Schedule]) -> None:
    """A success that leads to the flow it came from would never end."""
    follows: dict[str, set[str]] = {}
    for one in (*(other for other in others if other.name != schedule.name), schedule):
        if one.watch is not None and one.watch.kind is EventKind.FLOW:
            follows.setdefault(one.watch.target, set()).add(one.flow)
    reached, open_ends = set[str](), [schedule.flow]
    while open_ends:
        for flow in follows.get(open_ends.pop(), set()) - reached:
            reached.add(flow)
            open_ends.append(flow)
    if schedule.flow in reached:
        raise Conflict("flow", schedule.flow, "started by its own success then", "given this schedule")


def _answer(response: Response, schedule: Schedule) -> ScheduleAnswer:
    shown = show_schedule(schedule)
    set_tag(response, schedule.tag, shown.due)
    return shown
