"""Aliases of models over HTTP: names for versions, which can be moved, and what they were before."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.api.caller import CallerHere
from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import PartsHere
from dix.api.shapes import MOST_VERSIONS, Answer, Body, ListAnswer, Moment
from dix.api.tags import ExpectedHere, ExpectedOrNoneHere, Tagged, set_tag
from dix.names import check_alias
from dix.records.alias import Alias

router = APIRouter(prefix="/api/v1/models/{name}/aliases", tags=["models"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("alias", "version", "moved", "user")}
_MOVE_FIELDS: Fields = {name: attrgetter(name) for name in ("at", "user", "before", "after")}

IF_VERSION = "Only if the alias names this version now; 0: only if there is no such alias"


class AliasBody(Body):
    """Where an alias shall be."""

    version: int = Field(ge=1, le=MOST_VERSIONS)
    if_version: int | None = Field(default=None, ge=0, le=MOST_VERSIONS, description=IF_VERSION)


class AliasAnswer(Answer):
    """Which version of a model an alias names, since when, and who let it."""

    model: str
    alias: str
    version: int
    reference: str = Field(description="How documents and commands name it: models:/digits@champion")
    moved: Moment
    user: str


class AliasMoveAnswer(Answer):
    """One change of an alias: from which version (null: it is new) to which (null: it is deleted)."""

    model: str
    alias: str
    at: Moment
    user: str
    before: int | None
    after: int | None


@router.get("")
def list_aliases(name: str, parts: PartsHere, asked: AskedHere) -> ListAnswer[AliasAnswer]:
    """Every alias of a model, by name unless another order is asked for."""
    parts.catalog.models.get_model(name)
    page = make_page(parts.catalog.aliases.list_aliases([name]), _FIELDS, asked)
    return ListAnswer(items=[AliasAnswer.model_validate(alias) for alias in page.items], next_cursor=page.next_cursor)


@router.get("/{alias}", dependencies=[Tagged])
def get_alias(name: str, alias: str, parts: PartsHere, response: Response) -> AliasAnswer:
    """Which version an alias names now."""
    return _answer(response, parts.catalog.aliases.get_alias(name, alias))


@router.put("/{alias}")
def set_alias(
    name: str,
    alias: str,
    body: AliasBody,
    parts: PartsHere,
    caller: CallerHere,
    *,
    response: Response,
    expected: ExpectedOrNoneHere,
) -> AliasAnswer:
    """Let an alias name a version from now on; 409 when it is not where `if_version` says.

    What was made ready before goes on with the version that it found: runs that are accepted, endpoints that answer.
    """
    check_alias(alias)
    moved = parts.catalog.aliases.set_alias(name, alias, body.version, caller.user, body.if_version, expected=expected)
    parts.scheduler.look_at_aliases()
    return _answer(response, moved)


@router.delete("/{alias}", status_code=204)
def delete_alias(
    name: str,
    alias: str,
    parts: PartsHere,
    caller: CallerHere,
    *,
    expected: ExpectedHere,
    if_version: Annotated[int | None, Query(ge=0, le=MOST_VERSIONS, description=IF_VERSION)] = None,
) -> Response:
    """Let an alias name nothing; the versions stay."""
    parts.catalog.aliases.delete_alias(name, alias, caller.user, if_version, expected=expected)
    return Response(status_code=204)


@router.get("/{alias}/moves")
def list_alias_moves(name: str, alias: str, parts: PartsHere, asked: AskedHere) -> ListAnswer[AliasMoveAnswer]:
    """All that has become of an alias, newest first unless another order is asked for; also of one that is deleted."""
    page = make_page(parts.catalog.aliases.list_alias_moves(name, alias), _MOVE_FIELDS, asked)
    items = [AliasMoveAnswer.model_validate(move) for move in page.items]
    return ListAnswer(items=items, next_cursor=page.next_cursor)


def _answer(response: Response, alias: Alias) -> AliasAnswer:
    set_tag(response, alias.tag)
    return AliasAnswer.model_validate(alias)
