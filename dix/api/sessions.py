"""Signing in and out over HTTP.

Only bearer tokens open this door, never cookies: what a foreign page has a browser send carries none, so nobody can be
made to do anything here by looking at a page. The dashboard has a cookie of its own, and shows its session from there.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from dix.access.limit import SignInLimit
from dix.access.passwords import LONGEST, hash_password, is_password
from dix.access.secret import hash_secret
from dix.api.access import BookHere, give_token, make_session
from dix.api.caller import CallerHere
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, Moment
from dix.api.trail import find_origin, note
from dix.errors import BadValue, Conflict, WrongPassword
from dix.records.caller import HOME_TOKEN
from dix.records.member import Role
from dix.records.moments import now
from dix.records.token import Scope, TokenKind

router = APIRouter(prefix="/api/v1", tags=["sessions"])


class LoginBody(Body):
    """A name and a password, or a code that was given out."""

    name: str | None = Field(default=None, max_length=63)
    password: str | None = Field(default=None, max_length=LONGEST)
    code: str | None = Field(default=None, max_length=200, description="Opens a session once, instead of both")


class SessionAnswer(Answer):
    """A session: its token is shown once."""

    token: str
    user: str
    expires: Moment


class CodeBody(Body):
    """For whom a code shall be."""

    user: str | None = Field(default=None, description="Yourself by default")


class CodeAnswer(Answer):
    """A code that opens one session, once; it is shown once."""

    secret: str
    user: str
    expires: Moment


class WhoAnswer(Answer):
    """Who asks, and what they may do."""

    user: str
    display_name: str
    is_administrator: bool
    scopes: list[Scope]
    roles: dict[str, Role] = Field(description="By project; an administrator may do everything in all of them")
    token: str = Field(description="The id of the token that was shown")
    expires: Moment | None


class PasswordBody(Body):
    """Another password for oneself."""

    old: str | None = Field(default=None, max_length=LONGEST, description="Not wanted where there is none yet")
    new: str = Field(max_length=LONGEST)


@router.post("/login", status_code=201)
def log_in(body: LoginBody, parts: PartsHere, book: BookHere, request: Request) -> SessionAnswer:
    """Open a session; 401 for what is wrong, whatever of it is wrong, and 429 after too many tries."""
    limit: SignInLimit = request.app.state.limit
    address = find_origin(request.scope) or ""
    note(request, user=body.name)
    if body.code is not None and body.name is None and body.password is None:
        limit.begin(None, address)
        code = parts.catalog.tokens.take_code(hash_secret(body.code), now())
        if code is None:
            raise WrongPassword("code")
        user, name = code.user, None
        note(request, user=user)
    elif body.name is not None and body.password is not None and body.code is None:
        limit.begin(body.name, address)
        if not is_password(body.password, parts.catalog.users.find_password(body.name)):
            raise WrongPassword("name and password")
        user = name = body.name
    else:
        raise BadValue("login", "either a name and a password or a code", "something else")
    limit.succeed(name, address)
    session = make_session(user)
    secret = give_token(parts, book, session)
    return SessionAnswer(token=secret, user=user, expires=session.expires or session.created)


@router.post("/logout", status_code=204)
def log_out(parts: PartsHere, caller: CallerHere, book: BookHere) -> Response:
    """End the token that is shown."""
    if caller.token == HOME_TOKEN:
        raise Conflict("token", HOME_TOKEN, "the installation's own, in $DIX_HOME/token", "ended")
    parts.catalog.tokens.revoke_token(caller.token, now())
    book.expire()
    return Response(status_code=204)


@router.get("/whoami")
def who_am_i(parts: PartsHere, caller: CallerHere) -> WhoAnswer:
    """Who asks."""
    return WhoAnswer(
        user=caller.user,
        display_name=parts.catalog.users.get_user(caller.user).display_name,
        is_administrator=caller.is_administrator,
        scopes=sorted(caller.scopes),
        roles=dict(sorted(caller.roles.items())),
        token=caller.token,
        expires=caller.expires,
    )


@router.put("/password", status_code=204)
def change_password(
    body: PasswordBody, parts: PartsHere, reach: ReachHere, book: BookHere, request: Request
) -> Response:
    """Another password for oneself; it ends all of one's sessions, and no tokens. 429 after too many tries."""
    user = reach.caller.user
    reach.need_whole_token()
    kept = parts.catalog.users.find_password(user)
    if kept is not None and reach.caller.token != HOME_TOKEN:
        limit: SignInLimit = request.app.state.limit
        address = find_origin(request.scope) or ""
        limit.begin(user, address)
        if not is_password(body.old or "", kept):
            raise BadValue("old", "the password that you have now", "another one")
        limit.succeed(user, address)
    _set_password(parts, user, body.new)
    book.expire()
    return Response(status_code=204)


@router.post("/codes", status_code=201)
def make_code(body: CodeBody, parts: PartsHere, reach: ReachHere, book: BookHere) -> CodeAnswer:
    """A code that opens one session, once, within an hour: in an address, it lets a browser in."""
    user = body.user or reach.caller.user
    parts.catalog.users.get_user(user)
    code = make_session(user, TokenKind.CODE)
    return CodeAnswer(secret=give_token(parts, book, code), user=user, expires=code.expires or code.created)


def _set_password(parts: Parts, user: str, password: str) -> None:
    parts.catalog.users.set_password(user, hash_password(password))
