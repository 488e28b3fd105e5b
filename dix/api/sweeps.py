"""Sweeps over HTTP: ask for a search over parameters, see how it stands, pause it, stop it, go on with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import Search, Sort
from dix.api.parts import Parts, PartsHere
from dix.api.permit import make_permit
from dix.api.reach import ReachHere
from dix.api.runs import EstimateAnswer, Priority
from dix.api.shapes import Answer, Body, Cursor, Limit, ListAnswer, Moment, Plain, PlainNumber
from dix.api.sweep_bodies import BudgetAnswer, BudgetBody, ObjectiveAnswer, SweepBody, make_sweep, read_budget
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.records.sort import SortKey, read_sort
from dix.records.sweep import Method, Mode, Sweep, SweepFilter, SweepState
from dix.records.trial import Trial, TrialFilter, TrialState
from dix.sweep.making import find_search

router = APIRouter(prefix="/api/v1/sweeps", tags=["sweeps"])

_SHOWN = 1_000  # instances of a preview


class SweepChange(Body):
    """What shall be another from now on; the rest stays as it is. What runs already goes on."""

    concurrency: int | None = None
    budget: BudgetBody | None = None
    patience: int | None = Field(default=None, description="0 takes it away")
    retries: int | None = None
    priority: Priority | None = None
    description: str | None = None


class BestAnswer(Answer):
    """The best trial so far."""

    number: int
    params: dict[str, Plain]
    values: list[PlainNumber]


class SweepAnswer(Answer):
    """A sweep as it was asked for, and how it stands."""

    name: str
    flow: str
    flow_version: int
    project: str
    user: str
    description: str
    method: Method
    state: SweepState
    reason: str | None
    created: Moment
    ended: Moment | None
    changed: Moment | None
    changed_by: str
    space: dict[str, Plain]
    params: dict[str, Plain]
    objectives: list[ObjectiveAnswer]
    options: dict[str, Plain]
    budget: BudgetAnswer
    concurrency: int
    patience: int | None
    seed: int
    replicates: int
    seed_param: str | None
    retries: int
    counts_failed: bool
    priority: int
    cache: bool
    trials: dict[str, int] = Field(description="How many are in each state")
    best: BestAnswer | None = Field(default=None, description="With one objective, of a sweep that is asked for alone")


class PreviewAnswer(Answer):
    """What would be made: exactly these instances, in this order, and of one of them what it takes."""

    count: int | None = Field(description="How many instances; null when they are found on the way")
    instances: list[dict[str, Plain]] = Field(description=f"The first {_SHOWN} of those that are known beforehand")
    replicates: int
    concurrency: int
    estimate: EstimateAnswer


@router.post("", status_code=201)
def create_sweep(body: SweepBody, parts: PartsHere, reach: ReachHere, response: Response) -> SweepAnswer:
    """Make a sweep: all instances that are known beforehand are there when the answer comes."""
    sweep = parts.sweeps.create(make_sweep(body, reach, reach.caller.user), make_permit(parts, reach))
    return _answer(response, parts, sweep)


@router.post("/preview")
def preview_sweep(body: SweepBody, parts: PartsHere, reach: ReachHere) -> PreviewAnswer:
    """What a sweep would make; nothing is kept."""
    preview = parts.sweeps.preview(make_sweep(body, reach, reach.caller.user), make_permit(parts, reach))
    is_found = find_search(preview.sweep) is Method.TPE
    return PreviewAnswer(
        count=None if is_found else len(preview.instances),
        instances=list(preview.instances[:_SHOWN]),
        replicates=preview.sweep.replicates,
        concurrency=preview.sweep.concurrency,
        estimate=EstimateAnswer.model_validate(preview.estimate),
    )


@router.get("")
def list_sweeps(
    parts: PartsHere,
    caller: CallerHere,
    *,
    flow: str | None = None,
    state: Annotated[list[SweepState] | None, Query()] = None,
    project: str | None = None,
    user: Annotated[str | None, Query(description="Who made them")] = None,
    search: Search = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    sort: Sort = None,
) -> ListAnswer[SweepAnswer]:
    """The sweeps that are wanted, newest first unless another order is asked for."""
    wanted = SweepFilter(flow, tuple(state or ()), project, user, search)
    page = parts.catalog.sweeps.list_sweeps(wanted, limit, cursor, read_sort(sort), caller.sight)
    counts = parts.catalog.trials.count_trials([sweep.name for sweep in page.items])
    items = [_show(sweep, counts[sweep.name]) for sweep in page.items]
    return ListAnswer(items=items, next_cursor=page.next_cursor)


@router.get("/{name}", dependencies=[Tagged])
def get_sweep(name: str, parts: PartsHere, response: Response) -> SweepAnswer:
    """One sweep, with its best trial."""
    return _answer(response, parts, parts.catalog.sweeps.get_sweep(name))


@router.patch("/{name}")
def change_sweep(
    name: str, body: SweepChange, parts: PartsHere, reach: ReachHere, *, response: Response, expected: ExpectedHere
) -> SweepAnswer:
    """Change how it goes on; it holds at once."""
    return _answer(
        response,
        parts,
        parts.sweeps.change(name, lambda found: _change(found, body), user=reach.caller.user, expected=expected),
    )


@router.post("/{name}/pause")
def pause_sweep(
    name: str, parts: PartsHere, reach: ReachHere, *, response: Response, expected: ExpectedHere
) -> SweepAnswer:
    """Begin no further trial; what runs goes on."""
    return _answer(response, parts, parts.sweeps.pause(name, user=reach.caller.user, expected=expected))


@router.post("/{name}/resume")
def resume_sweep(
    name: str, parts: PartsHere, reach: ReachHere, *, response: Response, expected: ExpectedHere
) -> SweepAnswer:
    """Go on with one that is paused, stopped or over; 409 while it goes on."""
    permit = make_permit(parts, reach)
    found = parts.sweeps.resume(name, user=reach.caller.user, permit=permit, expected=expected)
    return _answer(response, parts, found)


@router.post("/{name}/stop")
def stop_sweep(
    name: str, parts: PartsHere, reach: ReachHere, *, response: Response, expected: ExpectedHere
) -> SweepAnswer:
    """Cancel all trials that are not over; 409 when it is over."""
    return _answer(response, parts, parts.sweeps.stop(name, user=reach.caller.user, expected=expected))


@router.delete("/{name}", status_code=204)
def delete_sweep(name: str, parts: PartsHere, expected: ExpectedHere) -> Response:
    """Forget a sweep that is over, and its trials; their runs stay."""
    parts.sweeps.delete(name, expected)
    return Response(status_code=204)


def find_best(parts: Parts, sweep: Sweep) -> Trial | None:
    """The best trial with one objective; a trial that was stopped, or has no number, is none."""
    if len(sweep.objectives) != 1:
        return None
    order = (SortKey("value", is_descending=sweep.objectives[0].mode is Mode.MAX), SortKey("number"))
    found = parts.catalog.trials.list_trials(sweep.name, TrialFilter((TrialState.SUCCEEDED,)), 1, None, order)
    return found.items[0] if found.items else None


def _answer(response: Response, parts: Parts, sweep: Sweep) -> SweepAnswer:
    counts = parts.catalog.trials.count_trials([sweep.name])[sweep.name]
    best = find_best(parts, sweep)
    set_tag(response, sweep.tag, (sorted(counts.items()), best and (best.number, best.values)))
    shown = _show(sweep, counts)
    return shown.model_copy(update={"best": None if best is None else BestAnswer.model_validate(best)})


def _show(sweep: Sweep, counts: dict[str, int]) -> SweepAnswer:
    known: dict[str, Any] = {name: getattr(sweep, name) for name in Sweep.__dataclass_fields__}
    known["objectives"] = [ObjectiveAnswer.of(objective) for objective in sweep.objectives]
    known["budget"] = BudgetAnswer.of(sweep.budget)
    return SweepAnswer(**known, trials=dict(Counter(counts)))


def _change(found: Sweep, body: SweepChange) -> Sweep:
    given = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    if body.budget is not None:
        given["budget"] = read_budget(body.budget, found.budget)
    if body.patience == 0:
        given["patience"] = None
    return replace(found, **given)
