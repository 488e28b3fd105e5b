"""Signing in at a provider, by OpenID Connect: a browser goes there, comes back, and is let in by a code.

The cookie that a browser is given opens nothing: it only says that the one who comes back is the one who went, so that
nobody is signed in as somebody else by an address that was sent to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from dix.access.limit import SignInLimit
from dix.access.newcomers import Newcomers
from dix.access.pending import LASTS_S, PendingSignIns
from dix.access.provider import CALLBACK_PATH, OidcOptions, Provider
from dix.api.access import BookHere, give_token, make_session
from dix.api.errors import find_status
from dix.api.parts import Parts, PartsHere
from dix.api.shapes import Answer
from dix.api.trail import find_origin, note
from dix.errors import Conflict, DixError, ProviderFailed, SignInRefused
from dix.records.token import TokenKind

router = APIRouter(prefix="/api/v1", tags=["sessions"])


class ProviderAnswer(Answer):
    """Where people can sign in instead, and the address that takes a browser there."""

    name: str
    address: str


class WaysAnswer(Answer):
    """How one can sign in; a name and a password, or a code, always do."""

    oidc: ProviderAnswer | None


class OidcDoor:
    """What signing in at a provider stands on."""

    def __init__(self, options: OidcOptions, parts: Parts) -> None:
        self.options = options
        self.provider = Provider(options)
        self.pending = PendingSignIns()
        self.newcomers = Newcomers(parts.catalog.users)

    @property
    def name(self) -> str:
        """What people know the provider by."""
        return urlsplit(self.options.issuer).netloc

    @property
    def cookie(self) -> dict[str, Any]:
        """How a cookie is kept from everything but the way back."""
        address = urlsplit(self.options.callback)
        return {"path": address.path, "secure": address.scheme == "https", "httponly": True, "samesite": "lax"}


Text = Annotated[str | None, Query(max_length=4096)]


@dataclass(frozen=True, slots=True)
class Back:
    """What the provider sends a browser back with."""

    state: Text = None
    code: Text = None
    error: Text = None
    iss: Text = None


BackHere = Annotated[Back, Depends()]
_REDIRECT: dict[str, Any] = {"status_code": 303, "response_class": RedirectResponse}


@router.get("/login")
def get_ways_in(request: Request) -> WaysAnswer:
    """How one can sign in here."""
    door: OidcDoor | None = request.app.state.oidc
    if door is None:
        return WaysAnswer(oidc=None)
    address = door.options.callback.removesuffix("/callback")
    return WaysAnswer(oidc=ProviderAnswer(name=door.name, address=address))


@router.get(CALLBACK_PATH.removeprefix("/api/v1").removesuffix("/callback"), **_REDIRECT)
async def begin_oidc(request: Request) -> Response:
    """Send a browser to the provider; 409 where there is none, and 429 after too many tries."""
    try:
        return await _begin(request)
    except DixError as error:
        return _answer_browser(request, error)


@router.get(CALLBACK_PATH.removeprefix("/api/v1"), **_REDIRECT)
async def finish_oidc(request: Request, back: BackHere, parts: PartsHere, book: BookHere) -> Response:
    """Let in whom the provider has let in: to the dashboard, with a code that opens a session once."""
    try:
        door = _get_door(request)
        user = await _find_user(request, door, back)
        note(request, user=user)
        secret = await run_in_threadpool(give_token, parts, book, make_session(user, TokenKind.CODE))
    except DixError as error:
        return _answer_browser(request, error)
    answer = RedirectResponse(f"{door.options.ui_address.rstrip('/')}/?login={quote(secret)}", status_code=303)
    answer.delete_cookie(_name_cookie(back.state), **door.cookie)
    return answer


async def _begin(request: Request) -> Response:
    door = _get_door(request)
    _count_try(request)
    begun = door.pending.begin()
    answer = RedirectResponse(await door.provider.make_address(begun), status_code=303)
    answer.set_cookie(_name_cookie(begun.state), begun.browser, max_age=int(LASTS_S), **door.cookie)
    return answer


async def _find_user(request: Request, door: OidcDoor, back: Back) -> str:
    _count_try(request)
    if back.iss not in {None, door.options.issuer}:
        raise ProviderFailed(door.options.issuer, "the answer is of another provider")
    begun = door.pending.take(back.state or "", request.cookies.get(_name_cookie(back.state), ""))
    if begun is None:
        raise SignInRefused("this sign-in was not begun in this browser, is over, or took too long", "begin it again")
    if back.code is None or back.error is not None:
        raise SignInRefused(f"{door.name} did not let you in", "begin it again, or sign in with a password")
    person = await door.provider.find_person(back.code, begun)
    user = await run_in_threadpool(door.newcomers.admit, person)
    limit: SignInLimit = request.app.state.limit
    for _ in ("there", "back"):
        limit.succeed(None, find_origin(request.scope) or "")
    return user.name


def _get_door(request: Request) -> OidcDoor:
    door: OidcDoor | None = request.app.state.oidc
    if door is None:
        raise Conflict("signing in", "by OpenID Connect", "not set up here (DIX_OIDC_ISSUER)", "used")
    return door


def _count_try(request: Request) -> None:
    limit: SignInLimit = request.app.state.limit
    limit.begin(None, find_origin(request.scope) or "")


def _name_cookie(state: str | None) -> str:
    """One for each sign-in, so that two pages of a browser do not spoil each other's."""
    kept = "".join(letter for letter in (state or "")[:8] if letter.isascii() and (letter.isalnum() or letter in "-_"))
    return f"dix_signing_in_{kept}"


def _answer_browser(request: Request, error: DixError) -> Response:
    """A plain page for a person; programs get the problem."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    door: OidcDoor | None = request.app.state.oidc
    back = f'<p><a href="{escape(door.options.ui_address)}">Back to DI-X</a></p>' if door else ""
    page = f'<!doctype html><html lang="en"><title>DI-X</title><h1>DI-X</h1><p>{escape(str(error))}</p>{back}'
    return HTMLResponse(page, find_status(error))
