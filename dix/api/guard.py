"""The door's guard: who has no token stays outside, and what is too big does not come in."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dix.access.book import TokenBook
from dix.access.secret import read_bearer
from dix.api.headers import with_headers
from dix.api.problems import make_problem_response
from dix.errors import DixError, NotAuthenticated, WrongUse
from dix.records.caller import Caller

OPEN = frozenset(
    {
        "/api/v1/openapi.json",
        "/api/v1/health",
        "/api/v1/login",
        "/api/v1/login/oidc",
        "/api/v1/login/oidc/callback",
        "/v2/health/live",
        "/v2/health/ready",
    }
)
# Uploads stream into the store and may be of any size.
UNLIMITED = frozenset({"/api/v1/data/file", "/api/v1/data/folder", "/api/v1/models/import"})
MAX_BODY_BYTES = 16 * 1024 * 1024


class Guard:
    """An ASGI wrapper; it leaves who asks in the state of the request. Tokens are looked up by their SHA-256."""

    def __init__(self, app: ASGIApp, book: TokenBook) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"]
        try:
            caller = await self._find_caller(path, headers)
        except DixError as error:
            await make_problem_response(error, Request(scope))(scope, receive, with_headers(send))
            return
        scope.setdefault("state", {})["caller"] = caller
        if path not in UNLIMITED and _says_too_long(headers):
            response = make_problem_response(WrongUse(_TOO_LONG), Request(scope), status=413)
            await response(scope, receive, with_headers(send))
        else:
            limited = receive if path in UNLIMITED else _limit(receive)
            await self._app(scope, limited, with_headers(send))

    async def _find_caller(self, path: str, headers: Headers) -> Caller | None:
        """Who asks; nobody in particular where all may come in. Raises NotAuthenticated."""
        if path in OPEN:
            return None
        digest = read_bearer(headers.get("authorization", "").encode("latin-1", "replace"))
        caller = await self._book.find_caller(digest)
        if caller is None:
            raise NotAuthenticated(_find_address(headers))
        return caller


_TOO_LONG = f"the body is larger than {MAX_BODY_BYTES // (1024 * 1024)} MiB; files go to PUT /api/v1/data/file"


def _find_address(headers: Headers) -> str:
    return f"http://{headers.get('host', 'this server')}"


def _says_too_long(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return length.isdigit() and int(length) > MAX_BODY_BYTES


def _limit(receive: Receive) -> Receive:
    """Count what comes in, for senders that do not say how much it will be."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise HTTPException(413, _TOO_LONG)
        return message

    return counted
