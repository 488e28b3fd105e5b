"""Idempotency-Key: a request that makes something is made once, however often it is sent.

It works for every POST in one place. The caller gives a request a key of its own; who sends it again (because an
answer was lost, or twice at once) gets the first answer again, for 24 hours and also after a restart. What was refused
(4xx) has made nothing, and is tried anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dix.api.guard import UNLIMITED
from dix.api.problems import make_problem_response
from dix.catalog.base import Replies
from dix.errors import BadValue, Conflict, DixError, WrongUse
from dix.records.caller import Caller
from dix.records.moments import now
from dix.records.reply import KeyedRequest, Reply

HEADER = "Idempotency-Key"
REPEATED = "Idempotent-Replayed"
# What is sent there is no object that is made, and has a password in it.
EXEMPT = frozenset({"/api/v1/login"})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# Answers with one of these are shown once.
_SECRET_FIELDS = frozenset({"secret", "token", "password"})
_KEPT_HEADERS = frozenset({"content-type", "etag", "location", "cache-control"})


@dataclass(slots=True)
class _Exchange:
    """A request that is being answered."""

    asked: KeyedRequest
    reply: asyncio.Task[tuple[Reply, bool]] = field(init=False)


class Keys:
    """An ASGI wrapper; it stands behind the guard, who knows whose request it is.

    What is being answered goes on when the caller is gone, so that its answer can be asked for again.
    """

    def __init__(self, app: ASGIApp, replies: Replies, salt: str) -> None:
        """`salt` keeps what stands in the catalog of a request from telling what was in it."""
        self._app = app
        self._replies = replies
        self._salt = salt.encode()
        self._under_way: dict[tuple[str, str], _Exchange] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a key, the first time or again."""
        key = Headers(scope=scope).get(HEADER) if scope["type"] == "http" else None
        if key is None or scope["method"] != "POST" or scope["path"] in EXEMPT | UNLIMITED or not _is_ours(scope):
            await self._app(scope, receive, send)
            return
        try:
            reply, is_repeated = await self._reply(key, scope, await _read_body(receive))
            response = _make_response(reply, key, is_repeated=is_repeated)
        except DixError as error:
            response = make_problem_response(error, Request(scope))
        except HTTPException as error:
            response = make_problem_response(WrongUse(error.detail), Request(scope), status=error.status_code)
        await response(scope, receive, send)

    async def _reply(self, key: str, scope: Scope, body: bytes) -> tuple[Reply, bool]:
        """The answer, and whether it was given before."""
        if not _KEY.fullmatch(key):
            raise BadValue(HEADER, "1 to 255 printable ASCII characters without spaces", key)
        asked = KeyedRequest(scope["state"]["caller"].user, key, self._make_fingerprint(scope, body))
        place = (asked.user, asked.key)
        exchange = self._under_way.get(place)
        if exchange is not None and exchange.asked == asked:
            return (await asyncio.shield(exchange.reply))[0], True
        if exchange is not None:
            raise BadValue(HEADER, "another key for another request", key)
        exchange = self._under_way[place] = _Exchange(asked)
        exchange.reply = asyncio.create_task(self._answer(asked, scope, body))
        exchange.reply.add_done_callback(lambda _task: self._under_way.pop(place, None))
        return await asyncio.shield(exchange.reply)

    async def _answer(self, asked: KeyedRequest, scope: Scope, body: bytes) -> tuple[Reply, bool]:
        earlier = await run_in_threadpool(self._replies.claim_key, asked, now())
        if earlier is not None:
            return earlier, True
        recorder = _Recorder(body)
        await self._app(scope, recorder.receive, recorder.send)
        reply = recorder.make_reply()
        if 400 <= reply.status < 500 or reply.status == 501:
            await run_in_threadpool(self._replies.release_key, asked)
        else:
            await run_in_threadpool(self._replies.keep_reply, asked, _without_secret(reply))
        return reply, False

    def _make_fingerprint(self, scope: Scope, body: bytes) -> str:
        caller: Caller = scope["state"]["caller"]
        # A weaker token of the same user is not told what a stronger one was.
        good_for = f"{sorted(caller.scopes)} {sorted(caller.roles) if caller.is_narrowed else None}"
        address = good_for.encode() + b"\0" + scope["path"].encode() + b"?" + scope["query_string"]
        return hmac.new(self._salt, address + b"\0" + body, hashlib.sha256).hexdigest()


class _Recorder:
    """Gives an application its request's body, and takes what it answers."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 500
        self._headers: dict[str, str] = {}
        self._content = bytearray()

    async def receive(self) -> Message:
        """The body, once; then nothing comes any more."""
        if self._body is None:
            await asyncio.Event().wait()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep a part of the answer."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = Headers(raw=message["headers"])
            self._headers = {name: value for name, value in headers.items() if name in _KEPT_HEADERS}
        else:
            self._content += message.get("body", b"")

    def make_reply(self) -> Reply:
        """All of the answer."""
        return Reply(self._status, bytes(self._content), self._headers)


def _is_ours(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/api/v1/") and scope.get("state", {}).get("caller") is not None


async def _read_body(receive: Receive) -> bytes:
    body, is_more = bytearray(), True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise WrongUse("the request ended before all of it was there")
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return bytes(body)


def _without_secret(reply: Reply) -> Reply:
    """The reply as it is kept: a secret is shown once, and kept nowhere."""
    try:
        document: Any = json.loads(reply.body or b"null")
    except ValueError:
        return reply
    if isinstance(document, dict) and _SECRET_FIELDS & document.keys():
        return Reply(reply.status, None)
    return reply


def _make_response(reply: Reply, key: str, *, is_repeated: bool) -> Response:
    if reply.body is None:
        state = "answered already, with a secret that is shown once"
        raise Conflict("request", key, state, "answered again; delete what it made, and make another one")
    headers = dict(reply.headers) | ({REPEATED: "true"} if is_repeated else {})
    return Response(reply.body, reply.status, headers)
