"""Members of projects over HTTP."""

from __future__ import annotations

from operator import attrgetter
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from dix.api.access import BookHere
from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment
from dix.api.tags import ExpectedHere, ExpectedOrNoneHere, Tagged, set_tag
from dix.records.member import Member, Role
from dix.records.moments import now

router = APIRouter(prefix="/api/v1/projects/{name}/members", tags=["projects"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("user", "role", "since")}


class MemberBody(Body):
    """What a user may do in the project."""

    role: Literal["viewer", "user", "manager"] = Field(  # as in `Role`
        description="viewer sees, user runs, changes and deploys, manager decides who is a member"
    )


class MemberAnswer(Answer):
    """One user's role in one project."""

    project: str
    user: str
    role: Role
    since: Moment


@router.get("")
def list_members(name: str, parts: PartsHere, asked: AskedHere) -> ListAnswer[MemberAnswer]:
    """The members of a project, by name unless another order is asked for."""
    parts.catalog.projects.get_project(name)
    page = make_page(parts.catalog.members.list_members(name), _FIELDS, asked)
    return ListAnswer(items=[MemberAnswer.model_validate(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/{user}", dependencies=[Tagged])
def get_member(name: str, user: str, parts: PartsHere, response: Response) -> MemberAnswer:
    """One member of a project."""
    return _answer(response, parts.catalog.members.get_member(name, user))


@router.put("/{user}")
def put_member(
    name: str,
    user: str,
    body: MemberBody,
    parts: PartsHere,
    book: BookHere,
    *,
    response: Response,
    expected: ExpectedOrNoneHere,
) -> MemberAnswer:
    """Let a user be a member, or have another role."""
    parts.catalog.members.put_member(Member(name, user, Role(body.role), now()), expected)
    book.expire()
    return _answer(response, parts.catalog.members.get_member(name, user))


@router.delete("/{user}", status_code=204)
def delete_member(name: str, user: str, parts: PartsHere, book: BookHere, expected: ExpectedHere) -> Response:
    """Let a user be a member no more; what they made stays with the project."""
    parts.catalog.members.delete_member(name, user, expected)
    book.expire()
    return Response(status_code=204)


def _answer(response: Response, member: Member) -> MemberAnswer:
    set_tag(response, member.tag)
    return MemberAnswer.model_validate(member)
