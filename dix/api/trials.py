"""Trials of sweeps over HTTP: see them, add some, and change, leave out or do again single ones."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from dix.api.lists import Sort
from dix.api.parts import PartsHere
from dix.api.permit import make_permit
from dix.api.reach import ReachHere
from dix.api.reasons import Reasons, ReasonsHere
from dix.api.shapes import Answer, Body, Cursor, Limit, ListAnswer, Moment, Plain, PlainNumber
from dix.records.sort import read_sort
from dix.records.trial import Trial, TrialFilter, TrialState

router = APIRouter(prefix="/api/v1/sweeps/{name}/trials", tags=["sweeps"])


class TrialRunAnswer(Answer):
    """One run of a trial: which of its replicates, and the how manieth run of that."""

    run: str
    replicate: int
    segment: int


class TrialAnswer(Answer):
    """One parameter set of a sweep, and what came of it."""

    sweep: str
    number: int
    params: dict[str, Plain]
    state: TrialState
    place: int = Field(description="Those that are held run in this order")
    values: list[PlainNumber] = Field(description="The number of each objective; none without all of them")
    reason: str | None
    created: Moment
    ended: Moment | None
    retries: int = Field(description="How often it was run again after a failure")
    origin: str | None = Field(description="`user` for one that somebody has added")
    runs: list[TrialRunAnswer]


class AddBody(Body):
    """Further trials."""

    params: list[dict[str, Any]] = Field(min_length=1, description="The parameters of each")


class TrialChange(Body):
    """What shall change of a trial that waits."""

    params: dict[str, Any] | None = None
    place: int | None = Field(default=None, ge=-(2**53), le=2**53)


@router.get("")
def list_trials(
    name: str,
    parts: PartsHere,
    reasons: ReasonsHere,
    *,
    state: Annotated[list[TrialState] | None, Query(description="One of these")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    sort: Sort = None,
) -> ListAnswer[TrialAnswer]:
    """The trials of a sweep, by number unless another order is asked for."""
    parts.catalog.sweeps.get_sweep(name)
    page = parts.catalog.trials.list_trials(name, TrialFilter(tuple(state or ())), limit, cursor, read_sort(sort))
    return ListAnswer(items=[show_trial(trial, reasons) for trial in page.items], next_cursor=page.next_cursor)


@router.get("/{number}")
def get_trial(name: str, number: int, parts: PartsHere, reasons: ReasonsHere) -> TrialAnswer:
    """One trial."""
    return show_trial(parts.catalog.trials.get_trial(name, number), reasons)


@router.post("", status_code=201)
def add_trials(
    name: str, body: AddBody, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere
) -> ListAnswer[TrialAnswer]:
    """Add trials, also to a sweep that is over, which goes on then."""
    permit = make_permit(parts, reach)
    added = parts.sweeps.add(name, body.params, user=reach.caller.user, permit=permit)
    return ListAnswer(items=[show_trial(trial, reasons) for trial in added])


@router.patch("/{number}")
def change_trial(
    name: str, number: int, body: TrialChange, parts: PartsHere, reach: ReachHere, *, reasons: ReasonsHere
) -> TrialAnswer:
    """Change the parameters or the turn of a trial that waits; 409 when it waits no more."""
    permit = make_permit(parts, reach)
    changed = parts.sweeps.edit_trial(name, number, params=body.params, place=body.place, permit=permit)
    return show_trial(changed, reasons)


@router.post("/{number}/skip")
def skip_trial(name: str, number: int, parts: PartsHere, reasons: ReasonsHere) -> TrialAnswer:
    """Leave out a trial that waits; 409 when it waits no more."""
    return show_trial(parts.sweeps.skip_trial(name, number), reasons)


@router.post("/{number}/retry")
def retry_trial(name: str, number: int, parts: PartsHere, reach: ReachHere, reasons: ReasonsHere) -> TrialAnswer:
    """Do a trial again that has come to nothing; 409 for one that has, or that is not over."""
    permit = make_permit(parts, reach)
    again = parts.sweeps.retry_trial(name, number, user=reach.caller.user, permit=permit)
    return show_trial(again, reasons)


def show_trial(trial: Trial, reasons: Reasons) -> TrialAnswer:
    """The trial as it goes out."""
    answer = TrialAnswer.model_validate(trial)
    answer.reason = reasons.tell(trial.reason)
    return answer
