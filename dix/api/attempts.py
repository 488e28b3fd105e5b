"""Attempts over HTTP: each try of each step of a run, with what it held and used."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query

from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, ListAnswer, Moment
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.attempt import AttemptOutcome

router = APIRouter(prefix="/api/v1/runs/{id}/attempts", tags=["runs"])


_FIELDS: Fields = {
    "id": lambda one: f"{one.node} {one.attempt:09d} {one.started.isoformat()}",
    **{name: attrgetter(name) for name in ("node", "attempt", "machine", "started", "ended", "outcome")},
}


class AllocatedAnswer(Answer):
    """What an attempt holds of its machine."""

    cpu: float
    gpu: float
    gpu_type: str | None
    memory_bytes: int
    disk_bytes: int | None


class UsedAnswer(Answer):
    """What was measured; null is what could not be."""

    cpu_s: float | None
    peak_memory_bytes: int | None
    gpu_utilisation: float | None


class AttemptAnswer(Answer):
    """One try of a step; `ended` and `outcome` are null while it goes on."""

    run: str
    node: str
    attempt: int
    project: str
    user: str
    flow: str
    machine: str | None
    started: Moment
    ended: Moment | None
    outcome: AttemptOutcome | None
    error: str | None
    allocated: AllocatedAnswer
    used: UsedAnswer


@router.get("")
def list_attempts(
    id: str,
    parts: PartsHere,
    asked: AskedHere,
    node: str | None = None,
    outcome: Annotated[list[AttemptOutcome] | None, Query()] = None,
) -> ListAnswer[AttemptAnswer]:
    """Every attempt of a run in the order of their beginning; what each printed is in the logs under its number."""
    attempts = parts.catalog.attempts.list_attempts(id)
    if node is not None:
        nodes = [step.node for step in parts.catalog.runs.list_steps(id)]
        if node not in nodes:
            raise NotFound("node", node, find_nearest(node, nodes))
    found = [one for one in attempts if node in {None, one.node} and (not outcome or one.outcome in outcome)]
    page = make_page(found, _FIELDS, asked)
    return ListAnswer(items=[AttemptAnswer.model_validate(one) for one in page.items], next_cursor=page.next_cursor)
