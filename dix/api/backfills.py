"""Backfills over HTTP: runs of a flow for dates in the past, seen before they are made."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from dix.api.backfill_shapes import (
    BackfillAnswer,
    BackfillBody,
    BackfillChanges,
    BackfillPreviewAnswer,
    InstanceAnswer,
    LeftOutAnswer,
    show_all,
    show_instance,
)
from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, Search, contains, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.permit import make_permit
from dix.api.reach import Reach, ReachHere
from dix.api.reasons import ReasonsHere
from dix.api.shapes import ListAnswer, read_moment
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.errors import BadValue, NotFound
from dix.flow.run_params import resolve_params
from dix.flow.text import read_flow
from dix.flow.units import read_time
from dix.names import check_name, find_nearest, make_backfill_id
from dix.records.backfill import Backfill, BackfillState, Instance, Which
from dix.records.member import Role
from dix.records.moments import now
from dix.records.run import Run, RunFilter
from dix.records.schedule import DEFAULT_ZONE, Order
from dix.records.sort import SortKey
from dix.schedule.backfills import make_order, preview_backfill
from dix.schedule.cron import read_cron
from dix.schedule.zones import read_zone

router = APIRouter(prefix="/api/v1/backfills", tags=["backfills"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("id", "flow", "project", "user", "created", "state")}
_INSTANCE_FIELDS: Fields = {name: attrgetter(name) for name in ("place", "logical_date")}
_PAGE = 1000


@router.post("", status_code=201)
def create_backfill(body: BackfillBody, parts: PartsHere, reach: ReachHere, response: Response) -> BackfillAnswer:
    """Make runs for dates in the past: all are written down when the answer comes, and go as there is room."""
    wish = _make_wish(body, parts, reach, Role.USER)
    _check(wish, parts, reach)
    return _answer(response, parts.scheduler.create_backfill(wish), parts)


@router.post("/preview")
def preview_instances(
    body: BackfillBody, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere
) -> BackfillPreviewAnswer:
    """What such a backfill would make, run by run, and what it would leave out; nothing is kept."""
    preview = preview_backfill(parts.catalog, _make_wish(body, parts, reach, Role.VIEWER))
    left_out = [
        LeftOutAnswer(logical_date=one.logical_date, reason=reasons.tell(one.reason) or "") for one in preview.left_out
    ]
    return BackfillPreviewAnswer(items=[show_instance(one) for one in preview.instances], left_out=left_out)


@router.get("")
def list_backfills(
    parts: PartsHere,
    caller: CallerHere,
    asked: AskedHere,
    *,
    flow: str | None = None,
    project: str | None = None,
    state: Annotated[list[BackfillState] | None, Query()] = None,
    search: Search = None,
) -> ListAnswer[BackfillAnswer]:
    """Every backfill, newest first unless another order is asked for."""
    found = [
        one
        for one in parts.catalog.backfills.list_backfills()
        if caller.sight.sees_run(one.project, one.flow)
        and flow in {None, one.flow}
        and project in {None, one.project}
        and (not state or one.state in state)
        and contains(search, one.id, one.flow)
    ]
    page = make_page(found, _FIELDS, asked)
    return ListAnswer(items=show_all(page.items, parts), next_cursor=page.next_cursor)


@router.get("/{id}", dependencies=[Tagged])
def get_backfill(id: str, parts: PartsHere, response: Response) -> BackfillAnswer:
    """One backfill, and how its runs stand."""
    return _answer(response, parts.catalog.backfills.get_backfill(id), parts)


@router.get("/{id}/instances")
def list_instances(id: str, parts: PartsHere, asked: AskedHere) -> ListAnswer[InstanceAnswer]:
    """The runs that it has made, as its preview showed them, in their order; `GET /runs?origin=` has how they stand."""
    runs = _list_runs(parts, parts.catalog.backfills.get_backfill(id))
    page = make_page([show_instance(_read_instance(run)) for run in runs], _INSTANCE_FIELDS, asked)
    return ListAnswer(items=list(page.items), next_cursor=page.next_cursor)


@router.patch("/{id}")
def change_backfill(
    id: str, body: BackfillChanges, parts: PartsHere, reach: ReachHere, *, response: Response, expected: ExpectedHere
) -> BackfillAnswer:
    """Let more or fewer of its runs go at once; what runs already goes on. 409 when it is over."""
    changed = parts.scheduler.change_backfill(
        id, concurrency=body.concurrency, user=reach.caller.user, at=now(), expected=expected
    )
    return _answer(response, changed, parts)


@router.post("/{id}/pause")
def pause_backfill(
    id: str, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedHere
) -> BackfillAnswer:
    """Let none of its runs begin; what runs already goes on. 409 when it is over."""
    moved = parts.scheduler.change_backfill(
        id, BackfillState.PAUSED, user=reach.caller.user, at=now(), expected=expected
    )
    return _answer(response, moved, parts)


@router.post("/{id}/resume")
def resume_backfill(
    id: str, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedHere
) -> BackfillAnswer:
    """Let its runs go on. 409 when it is over."""
    moved = parts.scheduler.change_backfill(id, BackfillState.OPEN, user=reach.caller.user, at=now(), expected=expected)
    return _answer(response, moved, parts)


@router.post("/{id}/cancel")
def cancel_backfill(
    id: str, parts: PartsHere, reach: ReachHere, response: Response, expected: ExpectedHere
) -> BackfillAnswer:
    """Cancel all its runs that are not over, running ones too. 409 when it is over."""
    moved = parts.scheduler.change_backfill(
        id, BackfillState.CANCELLED, user=reach.caller.user, at=now(), expected=expected
    )
    return _answer(response, moved, parts)


def _make_wish(body: BackfillBody, parts: Parts, reach: Reach, role: Role) -> Backfill:
    """What is asked for, with all that it leaves open filled in."""
    kept = reach.flow(body.flow, body.version)
    project = kept.project if body.project is None else body.project
    reach.project(check_name("project", project), role)
    doc = read_flow(kept.text)
    if body.from_node is not None and body.from_node not in doc.nodes:
        raise NotFound("node", body.from_node, find_nearest(body.from_node, doc.nodes))
    if body.dates and (body.first is not None or body.last is not None):
        raise BadValue("dates", "either dates or first and last", "both")
    if body.dates and body.from_node is not None:
        raise BadValue("from_node", "first and last beside it", "dates")
    return Backfill(
        id=make_backfill_id(),
        flow=kept.flow,
        flow_version=kept.version,
        created=now(),
        project=project,
        user=reach.caller.user,
        params=resolve_params(doc, body.params),
        first=None if body.first is None else read_moment("first", body.first),
        last=None if body.last is None else read_moment("last", body.last),
        dates=tuple(read_moment("dates", text) for text in body.dates),
        **_read_step(body, parts, kept.flow, project),
        from_node=body.from_node,
        order=Order(body.order),
        which=_read_which(body),
        concurrency=body.concurrency,
        priority=body.priority,
        changed_by=reach.caller.user,
    )


def _read_which(body: BackfillBody) -> Which:
    if body.which is None:
        return Which.MISSING if body.from_node is None else Which.ALL
    if body.from_node is not None and body.which != Which.ALL.value:
        raise BadValue("which", "all beside from_node: what is done again has runs", body.which)
    return Which(body.which)


def _read_step(body: BackfillBody, parts: Parts, flow: str, project: str) -> dict[str, Any]:
    """A cron line, a time, or what the flow's only schedule with a cron line says."""
    if body.step is not None and (" " in body.step.strip() or body.step.startswith("@")):
        read_cron(body.step)
        zone = body.zone or DEFAULT_ZONE
        read_zone(zone)
        return {"cron": body.step, "zone": zone}
    if body.zone is not None:
        raise BadValue("zone", "a cron line as step beside it", body.zone)
    if body.step is not None:
        return {"step_s": read_time(body.step, "step")}
    if body.dates or body.from_node is not None:
        return {}
    schedules = [
        one
        for one in parts.catalog.schedules.list_schedules()
        if (one.flow, one.project) == (flow, project) and one.cron is not None
    ]
    if len(schedules) != 1:
        known = ", ".join(one.name for one in schedules) or "none"
        raise BadValue("step", "a time as 1d, a cron line, or one schedule of the flow to go by", known)
    return {"cron": schedules[0].cron, "zone": schedules[0].zone, "interval_s": schedules[0].interval_s}


def _check(wish: Backfill, parts: Parts, reach: Reach) -> None:
    """Whether its first run could be, and may be asked for by whoever asks."""
    instances = preview_backfill(parts.catalog, wish).instances
    if instances:
        order = make_order(wish, instances[0], make_permit(parts, reach))
        parts.engine.estimate_run(order, sight=reach.caller.sight)


def _list_runs(parts: Parts, backfill: Backfill) -> list[Run]:
    runs: list[Run] = []
    cursor: str | None = None
    while True:
        page = parts.catalog.runs.list_runs(RunFilter(origin=backfill.origin), _PAGE, cursor, (SortKey("created"),))
        runs += page.items
        cursor = page.next_cursor
        if cursor is None:
            # A run that was begun anew by hand is not of its making.
            return sorted((run for run in runs if run.retry_of is None), key=lambda run: run.place)


def _read_instance(run: Run) -> Instance:
    date: datetime = run.logical_date or run.created
    return Instance(run.place, run.flow, run.flow_version, run.params, run.selection, date, *run.interval)


def _answer(response: Response, backfill: Backfill, parts: Parts) -> BackfillAnswer:
    shown = show_all((backfill,), parts)[0]
    set_tag(response, backfill.tag, sorted(shown.runs.items()))
    return shown
