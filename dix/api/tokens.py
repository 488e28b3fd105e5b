"""Tokens over HTTP: for programs that come in on behalf of somebody."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.access.secret import make_token_id
from dix.api.access import BookHere, give_token
from dix.api.lists import AskedHere, Fields, make_page
from dix.api.parts import Parts, PartsHere
from dix.api.reach import Reach, ReachHere
from dix.api.shapes import Answer, Body, ListAnswer, Moment, read_moment
from dix.errors import BadValue, NotAllowed, NotFound
from dix.names import check_name
from dix.records.moments import now, to_text
from dix.records.token import Scope, Token, TokenKind

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])

_FIELDS: Fields = {name: attrgetter(name) for name in ("id", "name", "user", "created", "expires")}

_DEFAULT_SCOPES = [Scope.READ, Scope.WRITE, Scope.PREDICT]


class TokenBody(Body):
    """A token to make."""

    name: str = Field(max_length=200, description="What it is for")
    scopes: list[str] = Field(default=[str(one) for one in _DEFAULT_SCOPES], description="read, write, predict, admin")
    projects: list[str] | None = Field(default=None, description="It reaches these only; all of yours by default")
    expires: str | None = Field(default=None, description="ISO 8601; never by default, or with the token shown")


class TokenAnswer(Answer):
    """One token; its secret is not kept."""

    id: str
    user: str
    name: str
    kind: TokenKind
    scopes: list[Scope]
    projects: list[str] | None
    created: Moment
    expires: Moment | None
    last_used: Moment | None = Field(description="To the minute")


class NewTokenAnswer(TokenAnswer):
    """A token with its secret, which is shown this once."""

    secret: str


@router.post("", status_code=201)
def create_token(body: TokenBody, parts: PartsHere, reach: ReachHere, book: BookHere) -> NewTokenAnswer:
    """Make a token that may do no more than the one that is shown, and for oneself."""
    reach.need_whole_token()
    moment = now()
    token = Token(
        make_token_id(),
        reach.caller.user,
        body.name,
        moment,
        scopes=_read_scopes(body.scopes, reach),
        projects=_read_projects(body.projects, reach),
        expires=_read_expires(body.expires, moment, parts, reach),
    )
    secret = give_token(parts, book, token)
    return NewTokenAnswer(**TokenAnswer.model_validate(token).model_dump(), secret=secret)


@router.get("")
def list_tokens(
    parts: PartsHere,
    reach: ReachHere,
    asked: AskedHere,
    everybody: Annotated[bool, Query(description="Those of all users; takes an administrator")] = False,
) -> ListAnswer[TokenAnswer]:
    """One's tokens and sessions that still open the door, newest first."""
    if everybody:
        reach.need_administrator()
    tokens = parts.catalog.tokens.list_tokens(None if everybody else reach.caller.user)
    page = make_page(tokens, _FIELDS, asked)
    return ListAnswer(items=[TokenAnswer.model_validate(token) for token in page.items], next_cursor=page.next_cursor)


@router.delete("/{id}", status_code=204)
def revoke_token(id: str, parts: PartsHere, reach: ReachHere, book: BookHere) -> Response:
    """From now on it opens nothing, within a second also no endpoint."""
    reach.need_whole_token()
    if parts.catalog.tokens.get_token(id).user != reach.caller.user and not reach.caller.is_administrator:
        raise NotFound("token", id)
    parts.catalog.tokens.revoke_token(id, now())
    book.expire()
    return Response(status_code=204)


def _read_expires(text: str | None, moment: datetime, parts: Parts, reach: Reach) -> datetime | None:
    """When the token ends: not after the one that made it, unless that was a session, which a password opened."""
    expires = None if text is None else read_moment("expires", text)
    if expires is not None and expires <= moment:
        raise BadValue("expires", "a moment to come", text)
    last = reach.caller.expires
    if last is None or parts.catalog.tokens.get_token(reach.caller.token).kind is TokenKind.SESSION:
        return expires
    if expires is not None and expires > last:
        raise NotAllowed(f"make a token that is good for longer than yours, which ends {to_text(last)}")
    return expires or last


def _read_scopes(words: list[str], reach: Reach) -> tuple[Scope, ...]:
    unknown = set(words) - set(Scope)
    if unknown or not words:
        raise BadValue("scopes", "any of read, write, predict and admin", ", ".join(sorted(unknown)) or "none")
    scopes = tuple(scope for scope in Scope if scope in words)
    for scope in scopes:
        if scope not in reach.caller.scopes:
            raise NotAllowed(f"give a token the scope {scope}, which yours has not")
    return scopes


def _read_projects(names: list[str] | None, reach: Reach) -> tuple[str, ...] | None:
    if names is None:
        return None
    if not names:
        raise BadValue("projects", "at least one project, or null for all of yours", "none")
    return tuple(reach.project(check_name("project", name)).name for name in dict.fromkeys(names))
