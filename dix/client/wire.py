"""The wire: HTTP requests out, JSON back, and the server's failures as the errors they were."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from urllib.parse import quote

import httpx

from dix.client.messages import MEDIA, Message, MessageReader
from dix.client.tags import IfMatch, Reading, read_tag, write_tag
from dix.errors import BadValue, NotAuthenticated, PlatformError, Unreachable, WrongUse
from dix.records.failure import from_problem

_HOST = re.compile(r"[\w.:-]+")
# The server answers an upload when it lies in the store, which may be far from it.
STORE_TIMEOUT_S = 3600.0
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
# How long a server that is followed may be silent, and when it is looked for again.
PATIENCE_S = 60.0
PAUSE_S = 0.5
# A request with a key is done once, however often it is sent; the server takes none where these are asked for.
KEY = "Idempotency-Key"
_KEYLESS = frozenset({"/api/v1/login", "/api/v1/flows/check"})
_PAUSES_S = (0.1, 0.3, 0.6)
_CUTS = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)


def make_http(address: str, token: str | None) -> httpx.Client:
    """A connection pool for one server; raises BadValue for an address or a token that cannot be one."""
    url = read_address(address)
    return httpx.Client(base_url=url, headers=make_headers(token), timeout=TIMEOUT, trust_env=is_far(url))


def copy_http(http: httpx.Client | httpx.AsyncClient) -> httpx.Client:
    """Another connection pool for the same server, of plain calls."""
    return httpx.Client(
        base_url=http.base_url, headers=http.headers, timeout=http.timeout, trust_env=is_far(http.base_url)
    )


def make_headers(token: str | None) -> dict[str, str]:
    """What each request says; raises BadValue for what cannot be a token."""
    headers = {"User-Agent": "dix", "Accept": "application/json"}
    return headers if token is None else headers | {"Authorization": f"Bearer {_read_token(token)}"}


def is_far(url: httpx.URL) -> bool:
    """Whether a proxy of the surroundings may stand between: it has no business between us and our own machine."""
    return url.host not in {"127.0.0.1", "localhost", "::1"}


class Wire:
    """One server, as seen from here; may be used by several threads.

    Everything raises the error that the server reported, as its own class, and Unreachable when nothing answers or
    what answers is not DI-X.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @property
    def http(self) -> httpx.Client:
        """The connections that it uses."""
        return self._http

    @property
    def address(self) -> str:
        """Where the server is."""
        return str(self._http.base_url).rstrip("/")

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path; query parameters that are None are left out."""
        return self._ask("GET", path, query)

    def read(self, path: str, **query: Any) -> Reading:
        """The JSON at a path, and its tag."""
        response = self._answer("GET", path, query)
        return Reading(_read_json(response, self.address), read_tag(response.headers.get("ETag")))

    def post(
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
        return self._ask("POST", path, {}, content=_to_json(given), timeout_s=timeout_s, if_match=if_match)

    def put_json(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Any:
        """Replace what a path names by JSON; fields that are None are left out."""
        given = {name: value for name, value in body.items() if value is not None}
        return self._ask("PUT", path, {}, content=_to_json(given), if_match=if_match)

    def replace(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Reading:
        """The same, and the tag that it has then."""
        given = {name: value for name, value in body.items() if value is not None}
        response = self._answer("PUT", path, {}, content=_to_json(given), if_match=if_match)
        return Reading(_read_json(response, self.address), read_tag(response.headers.get("ETag")))

    def patch(self, path: str, body: dict[str, Any], *, if_match: IfMatch = None) -> Any:
        """Send the JSON of what shall change, get JSON; None is sent as null."""
        return self._ask("PATCH", path, {}, content=_to_json(body), if_match=if_match)

    def delete(self, path: str, *, if_match: IfMatch = None, **query: Any) -> None:
        """Delete what a path names."""
        self._ask("DELETE", path, query, if_match=if_match)

    def put(self, path: str, content: Iterable[bytes], **query: Any) -> Any:
        """Send bytes as they come."""
        media = "application/octet-stream"
        return self._ask("PUT", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    def post_bytes(self, path: str, content: Iterable[bytes], **query: Any) -> Any:
        """Send bytes as they come for something to be made of them, get JSON."""
        media = "application/octet-stream"
        return self._ask("POST", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    def patch_bytes(self, path: str, content: bytes, **query: Any) -> Any:
        """Send a piece of something, get JSON."""
        media = "application/octet-stream"
        return self._ask("PATCH", path, query, content=content, media=media, timeout_s=STORE_TIMEOUT_S)

    @contextmanager
    def stream(self, path: str, *, begin: int = 0, **query: Any) -> Iterator[Iterator[bytes]]:
        """The bytes at a path, as they come; with `begin` those from that byte on, where the server can do that."""
        headers = {"Range": f"bytes={begin}-"} if begin else None
        with self._reach():  # noqa: SIM117
            with self._http.stream("GET", path, params=_clean(query), headers=headers) as response:
                if response.is_error:
                    response.read()
                _raise_for(response, self.address)
                if begin and response.status_code != httpx.codes.PARTIAL_CONTENT:
                    raise Unreachable(self.address, "it does not go on in the middle of a file")
                yield response.iter_bytes()

    def follow(self, path: str, **query: Any) -> Iterator[Message]:
        """The messages of a path that can be followed, as they come, until nothing can come any more.

        Where the connection breaks off, it goes on after the last message; a server that is silent for less than a
        minute is waited for.
        """
        last_id: str | None = None
        heard, is_over = time.monotonic(), False
        while not is_over:
            try:
                for message in self._listen(path, last_id, query):
                    heard, is_over = time.monotonic(), message.is_end
                    if not is_over:
                        last_id = message.id
                        yield message
            except Unreachable:
                if time.monotonic() - heard > PATIENCE_S:
                    raise
            if not is_over:
                time.sleep(PAUSE_S)

    def _listen(self, path: str, last_id: str | None, query: dict[str, Any]) -> Iterator[Message]:
        """The messages of one connection."""
        headers = {"Accept": MEDIA} | ({"Last-Event-ID": last_id} if last_id else {})
        reader = MessageReader()
        with self._reach():  # noqa: SIM117
            with self._http.stream("GET", path, params=_clean(query), headers=headers) as response:
                if response.is_error:
                    response.read()
                _raise_for(response, self.address)
                for piece in response.iter_bytes():
                    yield from _read_messages(reader, piece, self.address)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _ask(self, method: str, path: str, query: dict[str, Any], **sent: Any) -> Any:
        response = self._answer(method, path, query, **sent)
        return None if response.status_code == 204 else _read_json(response, self.address)

    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        *,
        content: bytes | Iterable[bytes] | None = None,
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
            response = self._send(request)
        _raise_for(response, self.address)
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        """Where the connection breaks, who only asks may ask again, and so may who has given the request a key."""
        cuts: tuple[type[httpx.TransportError], ...] = _CUTS
        for pause in _find_pauses(request):
            try:
                return self._http.send(request)
            except cuts:
                # A server that was there is waited for; one that never was is told of at once.
                cuts = (*_CUTS, httpx.ConnectError)
            time.sleep(pause)
        return self._http.send(request)

    @contextmanager
    def _reach(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise Unreachable(self.address, "no answer in time") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise Unreachable(self.address, str(error) or type(error).__name__) from None


def join(*parts: str | int) -> str:
    """A path of the API from its parts, each one escaped whole."""
    return "/api/v1/" + "/".join(quote(str(part), safe="") for part in parts)


def _find_pauses(request: httpx.Request) -> tuple[float, ...]:
    """How long to wait each time before a request is sent again; as often as there are pauses."""
    if KEY in request.headers:
        return _PAUSES_S
    # A server may close an idle connection in the moment in which we use it.
    return (0.0,) if request.method == "GET" else ()


def _clean(query: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, without what was left open; moments as text."""
    given = {name: value for name, value in query.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}


def _to_json(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BadValue("body", "values that JSON can say", str(error)) from None


def _read_messages(reader: MessageReader, piece: bytes, address: str) -> Iterator[Message]:
    """The messages that end in a piece of a stream; what the server says went wrong is raised."""
    try:
        for message in reader.feed(piece):
            if message.event == "problem":
                raise from_problem(message.data)
            yield message
    except ValueError:
        raise Unreachable(address, "what answers there is not DI-X") from None


def _read_json(response: httpx.Response, address: str) -> Any:
    try:
        return response.json()
    except ValueError:
        raise Unreachable(address, "what answers there is not DI-X") from None


def _raise_for(response: httpx.Response, address: str) -> None:
    if response.is_success:
        return
    document = _find_document(response)
    if "type" in document:
        raise from_problem(document)
    if response.status_code == 401:
        raise NotAuthenticated(address)
    if isinstance(document.get("error"), str):  # the Open Inference Protocol's way
        raise (PlatformError if response.is_server_error else WrongUse)(document["error"])
    raise Unreachable(address, f"what answers there is not DI-X: HTTP status {response.status_code}")


def _find_document(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer that is not a success; empty when it has none."""
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def read_address(address: str) -> httpx.URL:
    """The address of a server; raises BadValue for what cannot be one."""
    try:
        url = httpx.URL(address.strip().rstrip("/"))
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not _HOST.fullmatch(url.host) or url.userinfo or (url.port or 1) > 65535:
        raise BadValue("DIX_ADDRESS", "an address as http://127.0.0.1:8000", address)
    return url


def _read_token(token: str) -> str:
    text = token.strip()
    if not text or not text.isascii() or not text.isprintable():
        raise BadValue("DIX_TOKEN", "a token of printable ASCII characters", "something else")
    return text
