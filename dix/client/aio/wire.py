"""The wire: HTTP requests out, JSON back, and the server's failures as the errors they were.

Its asynchronous twin. Made from dix/client/wire.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx

from dix.client.messages import MEDIA, Message, MessageReader
from dix.client.tags import IfMatch, Reading, read_tag, write_tag
from dix.client.wire import (
    _CUTS,
    _KEYLESS,
    KEY,
    PATIENCE_S,
    PAUSE_S,
    STORE_TIMEOUT_S,
    TIMEOUT,
    _clean,
    _find_pauses,
    _raise_for,
    _read_json,
    _read_messages,
    _to_json,
    is_far,
    make_headers,
    read_address,
)
from dix.errors import Unreachable


def make_async_http(address: str, token: str | None) -> httpx.AsyncClient:
    """A connection pool for one server; raises BadValue for an address or a token that cannot be one."""
    url = read_address(address)
    return httpx.AsyncClient(base_url=url, headers=make_headers(token), timeout=TIMEOUT, trust_env=is_far(url))


class AsyncWire:
    """One server, as seen from here; may be used by several threads.

    Everything raises the error that the server reported, as its own class, and Unreachable when nothing answers or
    what answers is not DI-X.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections that it uses."""
        return self._http

    @property
    def address(self) -> str:
        """Where the server is."""
        return str(self._http.base_url).rstrip("/")

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path; query parameters that are None are left out."""
        return await self._ask("GET", path, query)

    async def read(self, path: str, **query: Any) -> Reading:
        """The JSON at a path, and its tag."""
        response = await self._answer("GET", path, query)
        return Reading(_read_json(response, self.address), read_tag(response.headers.get("ETag")))

    async def post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        timeout_s: float | None = None,
        *,
        if_match: IfMatch = None,
    ) -> Any:
        """Send JSON, get JSON; fields that are None are left out.

        It is sent with a key of its own, so where the connection breaks it is sent again, and done once.
        """
        given = {name: value for name, value in (body or {}).items() if value is not None}
        return await self._ask("POST", path, {}, content=_to_json(given), timeout_s=timeout_s, if_match=if_match)

    async def put_json(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Any:
        """Replace what a path names by JSON; fields that are None are left out."""
        given = {name: value for name, value in body.items() if value is not None}
        return await self._ask("PUT", path, {}, content=_to_json(given), if_match=if_match)

    async def replace(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Reading:
        """The same, and the tag that it has then."""
        given = {name: value for name, value in body.items() if value is not None}
        response = await self._answer("PUT", path, {}, content=_to_json(given), if_match=if_match)
        return Reading(_read_json(response, self.address), read_tag(response.headers.get("ETag")))

    async def patch(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Any:
        """Send the JSON of what shall change, get JSON; None is sent as null."""
        return await self._ask("PATCH", path, {}, content=_to_json(body), if_match=if_match)

    async def delete(self, path: str, *, if_match: IfMatch = None, **query: Any) -> None:
        """Delete what a path names."""
        await self._ask("DELETE", path, query, if_match=if_match)

    async def put(self, path: str, content: AsyncIterable[bytes], **query: Any) -> Any:
        """Send bytes as they come."""
        media = "application/octet-stream"
        return await self._ask("PUT", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    async def post_bytes(self, path: str, content: AsyncIterable[bytes], **query: Any) -> Any:
        """Send bytes as they come for something to be made of them, get JSON."""
        media = "application/octet-stream"
        return await self._ask("POST", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    async def patch_bytes(self, path: str, content: bytes, **query: Any) -> Any:
        """Send a piece of something, get JSON."""
        media = "application/octet-stream"
        return await self._ask("PATCH", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    @asynccontextmanager
    async def stream(self, path: str, *, begin: int = 0, **query: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes at a path, as they come; with `begin` those from that byte on, where the server can do that."""
        headers = {"Range": f"bytes={begin}-"} if begin else None
        with self._reach():
            async with self._http.stream("GET", path, params=_clean(query), headers=headers) as response:
                if response.is_error:
                    await response.aread()
                _raise_for(response, self.address)
                if begin and response.status_code != httpx.codes.PARTIAL_CONTENT:
                    raise Unreachable(self.address, "it does not go on in the middle of a file")
                yield response.aiter_bytes()

    async def follow(self, path: str, **query: Any) -> AsyncIterator[Message]:
        """The messages of a path that can be followed, as they come, until nothing can come any more.

        Where the connection breaks off, it goes on after the last message; a server that is silent for less than a
        minute is waited for.
        """
        last_id: str | None = None
        heard, is_over = time.monotonic(), False
        while not is_over:
            try:
                async for message in self._listen(path, last_id, query):
                    heard, is_over = time.monotonic(), message.is_end
                    if not is_over:
                        last_id = message.id
                        yield message
            except Unreachable:
                if time.monotonic() - heard > PATIENCE_S:
                    raise
            if not is_over:
                await asyncio.sleep(PAUSE_S)

    async def _listen(self, path: str, last_id: str | None, query: dict[str, Any]) -> AsyncIterator[Message]:
        """The messages of one connection."""
        headers = {"Accept": MEDIA} | ({"Last-Event-ID": last_id} if last_id else {})
        reader = MessageReader()
        with self._reach():
            async with self._http.stream("GET", path, params=_clean(query), headers=headers) as response:
                if response.is_error:
                    await response.aread()
                _raise_for(response, self.address)
                async for piece in response.aiter_bytes():
                    for each in _read_messages(reader, piece, self.address):
                        yield each

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, query: dict[str, Any], **sent: Any) -> Any:
        response = await self._answer(method, path, query, **sent)
        return None if response.status_code == 204 else _read_json(response, self.address)

    async def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        *,
        content: bytes | AsyncIterable[bytes] | None = None,
        media: str = "application/json",
        timeout_s: float | None = None,
        if_match: IfMatch = None,
    ) -> httpx.Response:
        headers = {"Content-Type": media} if content is not None else {}
        tag = write_tag(if_match)
        if tag is not None:
            headers["If-Match"] = tag
        if method == "POST" and isinstance(content, bytes) and path.startswith("/api/v1/") and path not in _KEYLESS:
            headers[KEY] = str(uuid.uuid4())
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_s is None else httpx.Timeout(timeout_s, connect=5.0)
        request = self._http.build_request(
            method, path, params=_clean(query), content=content, headers=headers, timeout=timeout
        )
        with self._reach():
            response = await self._send(request)
        _raise_for(response, self.address)
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Where the connection breaks, who only asks may ask again, and so may who has given the request a key."""
        cuts: tuple[type[httpx.TransportError], ...] = _CUTS
        for pause in _find_pauses(request):
            try:
                return await self._http.send(request)
            except cuts:
                # A server that was there is waited for; one that never was is told of at once.
                cuts = (*_CUTS, httpx.ConnectError)
            await asyncio.sleep(pause)
        return await self._http.send(request)

    @contextmanager
    def _reach(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise Unreachable(self.address, "no answer in time") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unreachable(self.address, str(error) or type(error).__name__) from None
