"""Whose eyes a flow or a model is for, over HTTP.

By default it is for its project. It can be its owner's alone, or everyone's, and be shared with colleagues and projects
by name; these see and use it, and change nothing. Its owner is who made its first version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from dix.access.book import TokenBook
from dix.api.access import BookHere
from dix.api.parts import Parts, PartsHere
from dix.api.reach import Reach, ReachHere
from dix.api.shapes import Answer, Body
from dix.api.tags import ExpectedHere, Tagged, set_tag
from dix.errors import NotAllowed
from dix.records.member import Role
from dix.records.share import SharedKind, Sharing, Visibility
from dix.records.tag import Expected

router = APIRouter(prefix="/api/v1", tags=["shares"])

_MOST = 1000


class SharesBody(Body):
    """Whose eyes it shall be for."""

    visibility: Literal["private", "project", "everyone"] = "project"  # as in `Visibility`
    users: list[str] = Field(default=[], max_length=_MOST, description="Colleagues it is shared with by name")
    projects: list[str] = Field(default=[], max_length=_MOST, description="Projects it is shared with")


class SharesAnswer(Answer):
    """Whose eyes it is for."""

    kind: SharedKind
    name: str
    owner: str
    visibility: Visibility
    users: list[str]
    projects: list[str]


@dataclass(frozen=True, slots=True)
class _Hand:
    """Who changes a sharing, what is told of it, and what the sharing has to be."""

    reach: Reach
    book: TokenBook
    expected: Expected | None


async def _get_hand(reach: ReachHere, book: BookHere, expected: ExpectedHere) -> _Hand:
    return _Hand(reach, book, expected)


HandHere = Annotated[_Hand, Depends(_get_hand)]


@router.get("/flows/{name}/shares", dependencies=[Tagged])
def get_flow_shares(name: str, parts: PartsHere, reach: ReachHere, response: Response) -> SharesAnswer:
    """Whose eyes a flow is for; to be seen by its project."""
    return _answer(response, reach, _get(parts, reach, "flow", name))


@router.put("/flows/{name}/shares")
def put_flow_shares(name: str, body: SharesBody, parts: PartsHere, hand: HandHere, response: Response) -> SharesAnswer:
    """Say whose eyes a flow shall be for; its owner, or a manager of its project."""
    return _answer(response, hand.reach, _put(parts, hand, _make_sharing(parts, "flow", name, body)))


@router.delete("/flows/{name}/shares", status_code=204)
def delete_flow_shares(name: str, parts: PartsHere, hand: HandHere) -> Response:
    """Let a flow be for its project, as by default."""
    _put(parts, hand, _make_sharing(parts, "flow", name, SharesBody()), keeps_hidden=False)
    return Response(status_code=204)


@router.get("/models/{name}/shares", dependencies=[Tagged])
def get_model_shares(name: str, parts: PartsHere, reach: ReachHere, response: Response) -> SharesAnswer:
    """Whose eyes a model is for; to be seen by its project."""
    return _answer(response, reach, _get(parts, reach, "model", name))


@router.put("/models/{name}/shares")
def put_model_shares(name: str, body: SharesBody, parts: PartsHere, hand: HandHere, response: Response) -> SharesAnswer:
    """Say whose eyes a model shall be for; its owner, or a manager of its project."""
    return _answer(response, hand.reach, _put(parts, hand, _make_sharing(parts, "model", name, body)))


@router.delete("/models/{name}/shares", status_code=204)
def delete_model_shares(name: str, parts: PartsHere, hand: HandHere) -> Response:
    """Let a model be for its project, as by default."""
    _put(parts, hand, _make_sharing(parts, "model", name, SharesBody()), keeps_hidden=False)
    return Response(status_code=204)


def find_owner(parts: Parts, kind: SharedKind, name: str) -> tuple[str, str]:
    """Who made the first version that there is, and whose project it is."""
    if kind == "flow":
        flows = parts.catalog.flows.list_flow_versions(name)
        return flows[-1].user, flows[0].project
    models = parts.catalog.models.list_model_versions(name)
    return models[-1].user, models[0].project


def _make_sharing(parts: Parts, kind: SharedKind, name: str, body: SharesBody) -> Sharing:
    owner, _project = find_owner(parts, kind, name)
    users, projects = (tuple(sorted(set(names))) for names in (body.users, body.projects))
    return Sharing(kind, name, owner, Visibility(body.visibility), users, projects)


def _answer(response: Response, reach: Reach, sharing: Sharing) -> SharesAnswer:
    """Projects that the caller may not see are not named."""
    set_tag(response, sharing.tag)
    answer = SharesAnswer.model_validate(sharing)
    answer.projects = [project for project in sharing.projects if reach.caller.sight.sees_project(project)]
    return answer


def _get(parts: Parts, reach: Reach, kind: SharedKind, name: str) -> Sharing:
    owner, project = find_owner(parts, kind, name)
    if not reach.caller.sight.sees_project(project):
        raise NotAllowed(f"see with whom else {kind} {name} is shared")
    return parts.catalog.shares.find_sharing(kind, name) or Sharing(kind, name, owner)


def _put(parts: Parts, hand: _Hand, sharing: Sharing, *, keeps_hidden: bool = True) -> Sharing:
    """Who names all that they see takes nothing from a project that they do not see, unless it becomes private."""
    _owner, project = find_owner(parts, sharing.kind, sharing.name)
    if hand.reach.caller.user != sharing.owner:
        hand.reach.need_role(Role.MANAGER, project)
    for other in sharing.projects:
        hand.reach.project(other)
    keeps_hidden = keeps_hidden and sharing.visibility is not Visibility.PRIVATE
    before = parts.catalog.shares.find_sharing(sharing.kind, sharing.name) if keeps_hidden else None
    if before is not None:
        hidden = {other for other in before.projects if not hand.reach.caller.sight.sees_project(other)}
        sharing = replace(sharing, projects=tuple(sorted({*sharing.projects, *hidden})))
    if sharing == Sharing(sharing.kind, sharing.name, sharing.owner):
        parts.catalog.shares.delete_sharing(sharing.kind, sharing.name, hand.expected)
    else:
        parts.catalog.shares.put_sharing(sharing, hand.expected)
    hand.book.expire()
    return sharing
