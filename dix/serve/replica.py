"""A replica: an ASGI application that answers the Open Inference Protocol v2 for one model version.

It is bare on purpose: between the socket and the model there is no framework. Paths and bodies follow
kserve/open-inference-protocol, specification/protocol/inference_rest.md; every route wants a bearer token with the
scope `predict`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from dix.access.book import TokenBook
from dix.catalog.proxy import ProxyCatalog
from dix.errors import (
    BadData,
    BadValue,
    DixError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotYet,
    Unreachable,
    WrongUse,
)
from dix.frameworks.base import Predictor
from dix.frameworks.lookup import load_predictor
from dix.registry.cache import default_cache, fetch_model
from dix.serve.answerer import Answerer
from dix.serve.door import Door
from dix.serve.headers import HEADERS
from dix.serve.host import ReplicaOrder
from dix.serve.protocol import read_request, refuse_binary, write_error, write_metadata, write_ready, write_response
from dix.store.choose import open_store_with

# What the API says with its refusals, a replica says with its own.
_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
MAX_BODY_BYTES = 32 * 1024 * 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[bytes, bytes]


def make_prefix(endpoint: str) -> str:
    """Where an endpoint answers."""
    return f"/v2/models/{endpoint}"


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Replica:
    """What Ray Serve makes an actor of, with `serve.ingress()`: loads the model, then answers.

    Raises what fetching and loading raise: BadModel, ChecksumMismatch, StoreError, NotYet.
    """

    def __init__(self, order: ReplicaOrder) -> None:
        folder = fetch_model(open_store_with(order.store), order.version, order.cache or default_cache())
        predictor = load_predictor(folder, order.threads, trusted=order.version.trusted_by is not None)
        catalog = ProxyCatalog()
        book = TokenBook(catalog.access, catalog.tokens, order.token_hash)
        door = Door(book, order.endpoint, order.project)
        self._application = Application(order.endpoint, str(order.version.version), predictor, door)

    def __serve_build_asgi_app__(self) -> Application:
        """Serve's hook for an application that is made in the replica."""
        return self._application


class Application:
    """The ASGI application over a loaded model."""

    def __init__(self, endpoint: str, version: str, predictor: Predictor, door: Door) -> None:
        self._endpoint = endpoint
        self._version = version
        self._prefix = make_prefix(endpoint)
        self._card = predictor.card
        self._door = door
        self._answerer = Answerer(predictor)
        self._answerer.warm_up()
        self._metadata = write_metadata(endpoint, version, predictor.card)
        self._ready = write_ready(endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one lifetime of the server."""
        if scope["type"] == "http":
            response = await self._respond(scope, receive)
            length = str(len(response.body)).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", length), *response.headers]
            await send({"type": "http.response.start", "status": response.status, "headers": headers})
            await send({"type": "http.response.body", "body": response.body})
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1003})

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        self._answerer.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        headers: Headers = dict(scope["headers"])
        try:
            await self._door.admit(headers.get(b"authorization", b""))
            return await self._route(scope, headers, receive)
        except DixError as error:
            status, extra = _read_error(error)
            return Response(status, write_error(str(error)), (*_HEADERS, *extra))

    async def _route(self, scope: Scope, headers: Headers, receive: Receive) -> Response:
        rest = str(scope["path"]).removeprefix(self._prefix)
        if rest.startswith("/versions/"):
            rest = self._take_version(rest)
        if rest == "/infer":
            _check_method(scope, "POST")
            return Response(200, await self._infer(headers, receive))
        if rest in {"", "/ready"}:
            _check_method(scope, "GET")
            return Response(200, self._metadata if not rest else self._ready)
        raise NotFound("route", str(scope["path"]), f"{self._prefix}/infer")

    def _take_version(self, rest: str) -> str:
        version, slash, below = rest.removeprefix("/versions/").partition("/")
        if version != self._version:
            raise NotFound("version", f"{version[:60]} of endpoint {self._endpoint}", self._version)
        return slash + below

    async def _infer(self, headers: Headers, receive: Receive) -> bytes:
        if b"inference-header-content-length" in headers:
            raise refuse_binary()
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise NotYet("reading compressed requests", "send the JSON as it is")
        request = read_request(await _read_body(headers, receive), self._card)
        try:
            answers = await self._answerer.answer(request.columns, request.rows)
        except RuntimeError as error:
            # What a framework says when its arithmetic fails.
            raise BadData(self._endpoint, f"its model failed: {error}") from error
        return write_response(self._endpoint, self._version, request, answers)


class _TooLarge(WrongUse):
    """A body beyond the limit; never leaves this file."""


class _WrongMethod(WrongUse):
    """A route asked in another way than it has; never leaves this file."""

    @property
    def allowed(self) -> str:
        return str(self.args[1])


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    said = headers.get(b"content-length", b"")
    too_large = said.isdigit() and int(said) > MAX_BODY_BYTES
    if too_large and b"expect" in headers:
        raise _make_too_large()
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadValue("body", "a whole request", "a connection that was closed in the middle")
        part = message.get("body", b"")
        size += len(part)
        # What is too large is still read, up to a point: who sends it listens only when it has been sent.
        if size > 4 * MAX_BODY_BYTES:
            raise _make_too_large()
        if size <= MAX_BODY_BYTES:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False):
            break
    if size > MAX_BODY_BYTES:
        raise _make_too_large()
    return b"".join(parts)


def _make_too_large() -> _TooLarge:
    limit = MAX_BODY_BYTES // (1024 * 1024)
    return _TooLarge(f"the body is larger than {limit} MiB; ask in smaller batches, or use bulk prediction")


def _check_method(scope: Scope, allowed: str) -> None:
    if scope["method"] != allowed:
        raise _WrongMethod(f"{scope['path']} takes {allowed}, not {scope['method']}", allowed)


def _read_error(error: DixError) -> tuple[int, tuple[tuple[bytes, bytes], ...]]:
    """The status of an error, and the headers that come with it."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, NotAuthenticated):
        return status, ((b"www-authenticate", b"Bearer"),)
    if isinstance(error, _WrongMethod):
        return status, ((b"allow", error.allowed.encode()),)
    return status, ()


# The first that an error is one of.
_STATUS: dict[type[DixError], int] = {
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    _WrongMethod: 405,
    _TooLarge: 413,
    WrongUse: 400,
    Unreachable: 503,
}
