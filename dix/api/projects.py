"""Projects over HTTP: who shares the cluster, and how much of it is whose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from dix.api.access import BookHere
from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, Search, contains, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.errors import Changed, Conflict
from dix.names import check_name
from dix.quota.resources import check_resource, read_amount
from dix.records.moments import now
from dix.records.project import DEFAULT_PROJECT, Project, Quota, Reclaim
from dix.records.tag import Expected

router = APIRouter(prefix="/api/v1/projects", tags=["projects"])

RESOURCES = "By resource: cpu, gpu, gpu:TYPE, memory, disk, runs, steps; null takes a quota away"
# Each time that a change has to be made anew, another one was made.
_TRIES = 100
_FIELDS: Fields = {name: attrgetter(name) for name in ("name", "created", "changed", "cohort")}
Amount = int | float | str
Policy = Literal["never", "lower-priority", "any"]  # as in `Reclaim`


class QuotaBody(BaseModel):
    """How much of a resource is a project's own: a number, or a size such as 64GiB."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    nominal: Amount
    borrowing_limit: Amount | None = Field(default=None, description="As much as the cohort leaves unused by default")
    lending_limit: Amount | None = Field(default=None, description="All of it by default")


Quotas = dict[str, QuotaBody | None]


class ProjectBody(Body):
    """A project to make."""

    name: str
    description: str = ""
    cohort: str | None = Field(default=None, description="Projects with the same cohort lend each other")
    reclaim: Policy = Field(default="never", description="Whose borrowed steps may be stopped for its own")
    quotas: Quotas = Field(default={}, description=RESOURCES)


class ProjectChange(Body):
    """What shall change; the rest stays as it is. A cohort of null leaves the cohort."""

    description: str | None = None
    cohort: str | None = None
    reclaim: Policy | None = None
    quotas: Quotas = Field(default={}, description=RESOURCES)


class QuotaAnswer(Answer):
    """One quota; sizes in bytes."""

    nominal: float
    borrowing_limit: float | None
    lending_limit: float | None


class ProjectAnswer(Answer):
    """One project, with what it uses of its quotas now."""

    name: str
    description: str
    cohort: str | None
    reclaim: Reclaim
    created: Moment
    changed: Moment | None = Field(description="When it was changed last; null when never")
    changed_by: str
    quotas: dict[str, QuotaAnswer]
    used: dict[str, float]


@router.get("")
def list_projects(
    parts: PartsHere, caller: CallerHere, asked: AskedHere, cohort: str | None = None, search: Search = None
) -> ListAnswer[ProjectAnswer]:
    """Every project, by name unless another order is asked for."""
    used = parts.engine.read_usage()
    seen = [one for one in parts.catalog.projects.list_projects() if caller.sight.sees_project(one.name)]
    found = [one for one in seen if cohort in {None, one.cohort} and contains(search, one.name, one.description)]
    page = make_page(found, _FIELDS, asked)
    return ListAnswer(items=[_show(project, used) for project in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201)
def create_project(body: ProjectBody, parts: PartsHere, caller: CallerHere, response: Response) -> ProjectAnswer:
    """Make a project; 409 when the name is taken."""
    check_name("project", body.name)
    quotas = _change_quotas({}, body.quotas)
    project = Project(
        body.name,
        now(),
        _check_cohort(body.cohort),
        Reclaim(body.reclaim),
        quotas,
        body.description,
        changed_by=caller.user,
    )
    parts.catalog.projects.create_project(project)
    parts.engine.reread_projects()
    return _answer(response, project, parts.engine.read_usage())


@router.get("/{name}", dependencies=[Tagged])
def get_project(name: str, parts: PartsHere, response: Response) -> ProjectAnswer:
    """One project."""
    return _answer(response, parts.catalog.projects.get_project(name), parts.engine.read_usage())


@router.patch("/{name}")
def change_project(
    name: str,
    body: ProjectChange,
    parts: PartsHere,
    reach: ReachHere,
    *,
    response: Response,
    expected: ExpectedHere,
) -> ProjectAnswer:
    """Change a project; what runs already goes on, and new quotas hold for all that starts after the answer.

    Two changes at once are both made, one after the other, unless If-Match says that it must be the project that was
    read. All but its description takes an administrator: quotas say what is left for others.
    """
    if body.model_fields_set - {"description"}:
        reach.need_administrator()
    if name == DEFAULT_PROJECT and (body.quotas or body.cohort is not None):
        raise Conflict("project", name, "without limits for good", "given quotas; make another one")
    changed = _change(parts, name, partial(_make_changed, body=body, user=reach.caller.user), expected)
    parts.engine.reread_projects()
    return _answer(response, changed, parts.engine.read_usage())


@router.delete("/{name}", status_code=204)
def delete_project(name: str, parts: PartsHere, book: BookHere, expected: ExpectedHere) -> Response:
    """Forget a project that nothing is in; 409 otherwise."""
    parts.catalog.projects.delete_project(name, expected)
    book.expire()
    parts.engine.reread_projects()
    return Response(status_code=204)


def _change(parts: Parts, name: str, make_changed: Callable[[Project], Project], expected: Expected | None) -> Project:
    """Write the change of the project as it is now, and again when another one was written in between."""
    for _try in range(_TRIES):
        project = parts.catalog.projects.get_project(name)
        changed = make_changed(project)
        try:
            parts.catalog.projects.update_project(changed, expected or frozenset({project.tag}))
            return changed
        except Changed:
            if expected is not None:
                raise
    raise Conflict("project", name, "being changed by many others at once", "changed now; try again")


def _make_changed(project: Project, body: ProjectChange, user: str) -> Project:
    changed = replace(
        project,
        description=project.description if body.description is None else body.description,
        reclaim=project.reclaim if body.reclaim is None else Reclaim(body.reclaim),
        quotas=_change_quotas(project.quotas, body.quotas),
        changed=now(),
        changed_by=user,
    )
    if "cohort" in body.model_fields_set:
        changed = replace(changed, cohort=_check_cohort(body.cohort))
    return changed


def _answer(response: Response, project: Project, used: dict[str, dict[str, float]]) -> ProjectAnswer:
    set_tag(response, project.tag, sorted(used.get(project.name, {}).items()))
    return _show(project, used)


def _show(project: Project, used: dict[str, dict[str, float]]) -> ProjectAnswer:
    known: dict[str, Any] = {field: getattr(project, field) for field in Project.__dataclass_fields__}
    quotas = {resource: QuotaAnswer.model_validate(quota) for resource, quota in project.quotas.items()}
    return ProjectAnswer(**{**known, "quotas": quotas}, used=used.get(project.name, {}))


def _check_cohort(cohort: str | None) -> str | None:
    return None if cohort is None else check_name("cohort", cohort)


def _change_quotas(before: Any, changes: dict[str, QuotaBody | None]) -> dict[str, Quota]:
    quotas = dict(before)
    for resource, body in changes.items():
        check_resource(resource)
        if body is None:
            quotas.pop(resource, None)
        else:
            quotas[resource] = _read_quota(resource, body)
    return quotas


def _read_quota(resource: str, body: QuotaBody) -> Quota:
    def read(value: Amount | None) -> float | None:
        return None if value is None else read_amount(resource, value)

    return Quota(read_amount(resource, body.nominal), read(body.borrowing_limit), read(body.lending_limit))
