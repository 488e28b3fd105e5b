"""Sessions of visitors, as the dashboard's door knows them: opened, asked for and closed at the API.

The dashboard has no token of its own. What a visitor's browser keeps is the token of their session, in a cookie that
only the dashboard's own pages send, and everything a page shows is asked for with it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import httpx

from dix.client.wire import is_far

KNOWN_S = 3.0
REMEMBERED = 1000
TIMEOUT_S = 20.0
ASKED_S = 3.0  # what a page can be shown without is not waited for longer
ELSEWHERE_S = 30.0


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of signing in: the token of a session, or a sentence that says why there is none."""

    token: str | None
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where visitors can sign in instead, and the address that takes them there."""

    name: str
    address: str


class Sessions:
    """Used from one event loop."""

    def __init__(self, address: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`address` is the API's; `transport` is for tests."""
        self.address = address
        self._http = httpx.AsyncClient(
            base_url=address,
            timeout=TIMEOUT_S,
            trust_env=is_far(httpx.URL(address)),
            transport=transport,
            headers={"User-Agent": "dix-ui"},
        )
        self._elsewhere: Elsewhere | None = None
        self._elsewhere_until = 0.0  # when it is asked for again; moments are monotonic
        self._known: dict[str, float] = {}  # digests of tokens, and when each was last found to be good

    @property
    def cookie_name(self) -> str:
        """Differs between installations, because cookies do not tell ports of one host apart."""
        return name_cookie(self.address)

    async def open(self, **proof: str) -> Opened:
        """With a name and a password, or with a code."""
        try:
            answer = await self._http.post("/api/v1/login", json=proof)
        except httpx.HTTPError:
            return Opened(None, UNREACHABLE)
        document: dict[str, Any] = answer.json() if _is_json(answer) else {}
        if answer.status_code == 201:
            return Opened(str(document["token"]))
        if answer.status_code == 429:
            return Opened(None, str(document.get("detail", WRONG)))
        return Opened(None, UNREACHABLE if answer.is_server_error else WRONG_CODE if "code" in proof else WRONG)

    async def find_elsewhere(self) -> Elsewhere | None:
        """Where else one can sign in; None where nowhere, and when it is not known."""
        if time.monotonic() >= self._elsewhere_until:
            try:
                answer = await self._http.get("/api/v1/login", timeout=ASKED_S)
            except httpx.HTTPError:
                return self._elsewhere
            told = answer.json().get("oidc") if answer.is_success and _is_json(answer) else None
            self._elsewhere = Elsewhere(str(told["name"]), str(told["address"])) if told else None
            self._elsewhere_until = time.monotonic() + ELSEWHERE_S
        return self._elsewhere

    async def is_good(self, token: str) -> bool:
        """Whether a session goes on; while the API does not answer, one that it has found good still does."""
        if not token or not token.isascii() or not token.isprintable():
            return False
        digest = hashlib.sha256(token.encode()).hexdigest()
        if self._known.get(digest, 0.0) > time.monotonic() - KNOWN_S:
            return True
        try:
            answer = await self._http.get("/api/v1/whoami", headers=_show(token))
        except httpx.HTTPError:
            return digest in self._known
        if answer.status_code in {401, 403}:
            self._known.pop(digest, None)
            return False
        if answer.is_success:
            if len(self._known) > REMEMBERED:
                self._known.clear()
            self._known[digest] = time.monotonic()
        return digest in self._known

    async def close(self, token: str) -> None:
        """End it; nothing happens where it is none."""
        self._known.pop(hashlib.sha256(token.encode()).hexdigest(), None)
        try:
            await self._http.post("/api/v1/logout", headers=_show(token))
        except httpx.HTTPError:
            return  # it ends by itself; the cookie is taken away all the same


def name_cookie(address: str) -> str:
    """What the cookie with the session is called, for the API at an address."""
    return f"dix_session_{hashlib.sha256(address.encode()).hexdigest()[:8]}"


def _show(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _is_json(answer: httpx.Response) -> bool:
    return "json" in answer.headers.get("content-type", "")


UNREACHABLE = "DI-X does not answer; dix status says what runs."
WRONG = "This name and this password do not belong together."
WRONG_CODE = "This address has been used, or is too old; dix up prints a new one."
