"""The door's guard: who has no token stays outside, and what is too big does not come in."""

from __future__ import annotations

import hashlib
import hmac

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dix.api.headers import with_headers
from dix.api.problems import make_problem_response
from dix.errors import NotAuthenticated, WrongUse

OPEN = frozenset({"/api/v1/openapi.json", "/api/v1/health", "/v2/health/live", "/v2/health/ready"})
# Uploads stream into the store and may be of any size.
UNLIMITED = frozenset({"/api/v1/data/file", "/api/v1/data/folder"})
MAX_BODY_BYTES = 16 * 1024 * 1024


class Guard:
    """An ASGI wrapper. Tokens are compared by their SHA-256, in the same time whatever they are."""

    def __init__(self, app: ASGIApp, token_hash: str) -> None:
        self._app = app
        self._token_hash = token_hash.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"]
        if path not in OPEN and not self._knows(headers.get("authorization", "")):
            await _refuse(scope, receive, with_headers(send))
        elif path not in UNLIMITED and _says_too_long(headers):
            response = make_problem_response(WrongUse(_TOO_LONG), Request(scope), status=413)
            await response(scope, receive, with_headers(send))
        else:
            limited = receive if path in UNLIMITED else _limit(receive)
            await self._app(scope, limited, with_headers(send))

    def _knows(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        digest = hashlib.sha256(token.strip().encode("latin-1", "replace")).hexdigest()
        return hmac.compare_digest(digest, self._token_hash) and scheme.lower() == "bearer"


_TOO_LONG = f"the body is larger than {MAX_BODY_BYTES // (1024 * 1024)} MiB; files go to PUT /api/v1/data/file"


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    address = f"{request.url.scheme}://{request.url.netloc}"
    await make_problem_response(NotAuthenticated(address), request)(scope, receive, send)


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
