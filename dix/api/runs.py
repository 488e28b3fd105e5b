"""Runs over HTTP: start them, watch them, stop them, repeat them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from dix.api.flows import keep_flow
from dix.api.lists import AskedHere, Fields, Sort, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.permit import make_permit
from dix.api.reach import Reach, ReachHere
from dix.api.reasons import Reasons, ReasonsHere
from dix.api.run_filters import WantedRuns
from dix.api.shapes import MOST_VERSIONS, Answer, Body, Cursor, Limit, ListAnswer, Moment, Plain, read_moment
from dix.api.tags import ExpectedHere
from dix.engine.base import Author, Edit, RunOrder
from dix.errors import BadValue
from dix.flow.check import check_text
from dix.flow.text import read_flow
from dix.names import check_name
from dix.records.member import Role
from dix.records.run import MOST_PLACE, MOST_PRIORITY, Run
from dix.records.sort import read_sort
from dix.records.states import Driver, RunState, StepState
from dix.records.step import Step
from dix.records.tag import Expected

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


_STEP_FIELDS: Fields = {name: attrgetter(name) for name in ("node", "state", "attempt", "started", "ended")}
Priority = Annotated[
    int, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY, description="Steps of the run with the greater one go first")
]


class RunChange(Body):
    """What shall change of a run that is not over; parameters and place only while it is held."""

    priority: Priority | None = None
    params: dict[str, Any] | None = Field(default=None, description="Over those that it has")
    place: int | None = Field(
        default=None, ge=-MOST_PLACE, le=MOST_PLACE, description="Its turn among those of its origin"
    )


class RunBody(Body):
    """What shall run: a flow that is kept (`flow`, and `version` if not its latest) or a document (`text`)."""

    flow: str | None = None
    text: str | None = None
    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    params: dict[str, Any] = Field(default={}, description="Over the defaults of the flow")
    project: str | None = Field(default=None, description="The flow's own by default")
    priority: Priority = 0
    date: str | None = Field(default=None, description="The logical date, ISO 8601; UTC without an offset")
    from_: str | None = Field(default=None, alias="from", description="Run this node and what follows it")
    to: str | None = Field(default=None, description="Run this node and what it needs")
    only: str | None = Field(default=None, description="Run this node alone")
    cache: bool = Field(default=True, description="Whether outputs of unchanged earlier steps are used")


class RetryBody(Body):
    """What changed since the run that is repeated; without any of it, the run is repeated as it was."""

    flow_version: Annotated[int, Field(ge=1, le=MOST_VERSIONS)] | Literal["latest"] | None = Field(
        default=None, description="Another version of its flow"
    )
    text: str | None = Field(default=None, description="A document to keep as the flow's next version")
    params: dict[str, Any] = Field(default={}, description="Over those that the run was given")


class RerunBody(Body):
    """Which flow, code and models a run is done again with."""

    as_: Literal["then", "now"] = Field(default="then", alias="as", description="As they were then, or are now")


class StepAnswer(Answer):
    """One node of a run being executed."""

    node: str
    state: StepState
    attempt: int
    started: Moment | None
    ended: Moment | None
    reason: str | None
    error: str | None
    outputs: dict[str, str]
    metrics: dict[str, Plain]
    progress: float | None
    trace: str | None
    digests: dict[str, str] = Field(description="SHA-256 of what each output holds, where it is known")
    origin: str | None = Field(description="The run that made the outputs of a cached step")
    why_run: str | None = Field(description="Why the outputs of an earlier step were not used")


class NodeEstimateAnswer(Answer):
    """Of one node: the middle, the least and the most that earlier attempts took; `note` says what is not known."""

    node: str
    seconds: float | None
    least_s: float | None
    most_s: float | None
    attempts: int
    cost: float | None
    note: str | None


class EstimateAnswer(Answer):
    """Sums over the nodes that are known; without any waiting, and as if nothing came from the cache."""

    flow: str
    seconds: float = Field(description="Along the path that takes longest")
    path: list[str]
    cost: float | None = Field(description="Null without prices")
    currency: str | None
    unknown: list[str] = Field(description="Nodes without an earlier run: with any, the sums are too small")
    nodes: list[NodeEstimateAnswer]


class RunAnswer(Answer):
    """One execution of a flow, with its steps."""

    id: str
    flow: str
    flow_version: int
    project: str
    state: RunState
    driver: Driver
    priority: int
    params: dict[str, Plain]
    logical_date: Moment | None
    created: Moment
    started: Moment | None
    ended: Moment | None
    reason: str | None
    error: str | None
    retry_of: str | None
    event: str | None
    user: str
    origin: str | None = Field(description="What has made it: schedules/NAME, backfills/ID, sweeps/NAME; null by hand")
    place: int = Field(description="Its turn among those of the same origin")
    held: bool = Field(description="It waits until its driver may run one more; it has no steps yet")
    interval_start: Moment | None
    interval_end: Moment | None
    selection: dict[str, str]
    cache: bool
    models: dict[str, str] = Field(description="What the references to models in its flow meant when it was accepted")
    code: dict[str, str] = Field(description="Where the code of its scripts is kept, as it was then")
    steps: list[StepAnswer] = Field(default=[])


@router.post("", status_code=201)
def start_run(
    body: RunBody, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere, expected: ExpectedHere
) -> RunAnswer:
    """Accept a run: it is written down when the answer comes.

    For a document, If-Match says which version of its flow was edited, as where it is pushed.
    """
    return show_run(parts, parts.engine.start_run(_make_order(body, parts, reach, expected)), reasons)


@router.post("/estimate")
def estimate_run(body: RunBody, parts: PartsHere, reach: ReachHere) -> EstimateAnswer:
    """How long a run would take and what it would cost, from earlier runs of the same nodes; nothing is kept."""
    wish = _make_wish(body, parts, reach, Role.VIEWER)
    if body.text is not None:
        reach.taken_flow(check_text(body.text, parts.specs).name)
    return EstimateAnswer.model_validate(parts.engine.estimate_run(wish, body.text, reach.caller.sight))


@router.get("")
def list_runs(
    parts: PartsHere,
    wanted: WantedRuns,
    reasons: ReasonsHere,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    sort: Sort = None,
    steps: Annotated[bool, Query(description="Whether each run comes with its steps")] = True,
) -> ListAnswer[RunAnswer]:
    """The runs that are wanted, newest first unless another order is asked for."""
    page = parts.catalog.runs.list_runs(wanted, limit, cursor, read_sort(sort))
    found = parts.catalog.runs.list_steps_of(tuple(run.id for run in page.items)) if steps else {}
    items = [_show_with(run, found.get(run.id, ()), reasons) for run in page.items]
    return ListAnswer(items=items, next_cursor=page.next_cursor)


@router.get("/{id}")
def get_run(id: str, parts: PartsHere, reasons: ReasonsHere) -> RunAnswer:
    """One run with its steps."""
    return show_run(parts, parts.catalog.runs.get_run(id), reasons)


@router.patch("/{id}")
def change_run(id: str, body: RunChange, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere) -> RunAnswer:
    """Let a run go sooner or later, or with other parameters while it is held; 409 when it is too late for that."""
    if body.params is None and body.place is None:
        if body.priority is None:
            raise BadValue("priority", "a whole number; or params or place beside it", None)
        return show_run(parts, parts.engine.set_priority(id, body.priority), reasons)
    changed = parts.engine.edit_held(
        id, params=body.params, place=body.place, priority=body.priority, permit=make_permit(parts, reach)
    )
    return show_run(parts, changed, reasons)


@router.get("/{id}/steps")
def list_steps(
    id: str,
    parts: PartsHere,
    asked: AskedHere,
    reasons: ReasonsHere,
    state: Annotated[list[StepState] | None, Query()] = None,
) -> ListAnswer[StepAnswer]:
    """The steps of a run, in the order of its flow unless another one is asked for."""
    steps = [step for step in parts.catalog.runs.list_steps(id) if not state or step.state in state]
    page = make_page(steps, _STEP_FIELDS, asked)
    items = [_show_step(step, reasons) for step in page.items]
    return ListAnswer(items=items, next_cursor=page.next_cursor)


@router.post("/{id}/cancel")
def cancel_run(id: str, parts: PartsHere, reasons: ReasonsHere) -> RunAnswer:
    """End a run; 409 when it is over."""
    return show_run(parts, parts.engine.cancel_run(id), reasons)


@router.post("/{id}/retry", status_code=201)
def retry_run(
    id: str, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere, body: RetryBody | None = None
) -> RunAnswer:
    """A new run in which what had succeeded is not done again; 409 when the old one is not over.

    After an edit of the flow or of parameters, what these decide about is done again, and what follows it.
    """
    edit = _make_edit(id, body or RetryBody(), parts, reach)
    by = Author(reach.caller.user, make_permit(parts, reach))
    return show_run(parts, parts.engine.retry_run(id, edit, by), reasons)


@router.post("/{id}/rerun", status_code=201)
def rerun_run(
    id: str, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere, body: RerunBody | None = None
) -> RunAnswer:
    """Do all of a run again, for the same date and with what it was given; 409 when the old one is not over."""
    is_now = body is not None and body.as_ == "now"
    version = reach.flow(parts.catalog.runs.get_run(id).flow).version if is_now else None
    edit = Edit(version, is_whole=True, is_now=is_now)
    by = Author(reach.caller.user, make_permit(parts, reach))
    return show_run(parts, parts.engine.retry_run(id, edit, by), reasons)


def show_run(parts: Parts, run: Run, reasons: Reasons) -> RunAnswer:
    """The run as it goes out, with its steps."""
    return _show_with(run, parts.catalog.runs.list_steps(run.id), reasons)


def _show_with(run: Run, steps: Iterable[Step], reasons: Reasons) -> RunAnswer:
    shown = [_show_step(step, reasons) for step in steps]
    return RunAnswer.model_validate(run).model_copy(update={"steps": shown, "reason": reasons.tell(run.reason)})


def _show_step(step: Step, reasons: Reasons) -> StepAnswer:
    answer = StepAnswer.model_validate(step)
    answer.reason = reasons.tell(step.reason)
    return answer


def _make_order(body: RunBody, parts: Parts, reach: Reach, expected: Expected | None) -> RunOrder:
    """The order for a run; a document is kept for it."""
    wish = replace(_make_wish(body, parts, reach, Role.USER), user=reach.caller.user)
    if body.text is None:
        if expected is not None:
            raise BadValue("If-Match", "a text beside it; a flow that is kept has its version", body.flow)
        return wish
    kept = keep_flow(parts, reach, body.text, body.project, expected)
    project = kept.project if body.project is None else body.project
    return replace(wish, flow=kept.flow, version=kept.version, project=project)


def _make_wish(body: RunBody, parts: Parts, reach: Reach, role: Role) -> RunOrder:
    """The order as far as it goes without keeping the document."""
    if (body.flow is None) == (body.text is None):
        raise BadValue("run", "either flow (the name of one that is kept) or text (a document)", "both or none")
    if body.text is not None and body.version is not None:
        raise BadValue("version", "none beside a text", body.version)
    kept = reach.flow(body.flow, body.version) if body.flow is not None else None
    project = (kept.project if kept else reach.home()) if body.project is None else body.project
    if kept is not None or body.project is not None:
        reach.project(check_name("project", project), role)
    return RunOrder(
        flow=kept.flow if kept else "",
        version=kept.version if kept else None,
        params=body.params,
        project=project,
        logical_date=None if body.date is None else read_moment("date", body.date),
        selection=_read_selection(body),
        cache=body.cache,
        priority=body.priority,
        permit=make_permit(parts, reach),
    )


def _make_edit(id: str, body: RetryBody, parts: Parts, reach: Reach) -> Edit | None:
    """What was changed; None when nothing was."""
    if body.text is not None and body.flow_version is not None:
        raise BadValue("flow_version", "none beside a text", body.flow_version)
    version = body.flow_version
    if body.text is not None or version is not None:
        version = _keep_version(body, parts.catalog.runs.get_run(id), parts, reach)
    if version is None and not body.params:
        return None
    return Edit(version, body.params)


def _keep_version(body: RetryBody, old: Run, parts: Parts, reach: Reach) -> int:
    """The version that is wanted of a run's flow, which may have gone where it is not seen any more; a text is kept."""
    if body.text is None:
        latest = reach.flow(old.flow).version
        return body.flow_version if isinstance(body.flow_version, int) else latest
    name = read_flow(body.text).name
    if name != old.flow:
        raise BadValue("flow", f"another version of {old.flow}, which run {old.id} ran", name)
    return keep_flow(parts, reach, body.text, old.project).version


def _read_selection(body: RunBody) -> dict[str, str]:
    nodes = {"from": body.from_, "to": body.to, "only": body.only}
    given = {word: node for word, node in nodes.items() if node is not None}
    if "only" in given and len(given) > 1:
        raise BadValue("only", "neither from nor to beside it", " and ".join(given))
    return given
