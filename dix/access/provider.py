"""The provider at which people sign in by OpenID Connect, asked over HTTPS for what its own documents promise."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc.jwk import Key

from dix.access.id_token import Expected, Person, check_id_token, find_key, read_keys
from dix.access.pending import Begun
from dix.errors import ProviderFailed, ProviderUnreachable

CALLBACK_PATH = "/api/v1/login/oidc/callback"
KNOWN_S = 3600.0
TIMEOUT_S = 10.0
LARGEST_BYTES = 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """Where people sign in, as whom we ask there, and where browsers reach the API and the dashboard."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    api_address: str
    ui_address: str

    @property
    def callback(self) -> str:
        """Where the provider sends browsers back to."""
        return self.api_address.rstrip("/") + CALLBACK_PATH


def is_safe_address(address: str) -> bool:
    """Whether what is sent there is read by nobody else: HTTPS, or this machine itself."""
    try:
        parts = urlsplit(address)
        return (parts.scheme == "https" and bool(parts.hostname)) or is_loopback(address)
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """Whether it is an HTTP address of this machine itself."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


class Provider:
    """Used from one event loop. What it says of itself is known for an hour; its keys until one is not among them."""

    def __init__(self, options: OidcOptions) -> None:
        self._options = options
        # Proxies of the environment are for what is elsewhere.
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=not is_loopback(options.issuer))
        self._document: dict[str, Any] = {}
        self._known_until = 0.0
        self._keys: tuple[Key, ...] = ()

    async def make_address(self, begun: Begun) -> str:
        """Where a browser goes to sign in."""
        address = await self._find_address("authorization_endpoint")
        asked = {
            "response_type": "code",
            "client_id": self._options.client_id,
            "redirect_uri": self._options.callback,
            "scope": "openid profile email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    async def find_person(self, code: str, begun: Begun) -> Person:
        """Who signed in; ProviderUnreachable or ProviderFailed when that is not certain."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._options.callback,
            "code_verifier": begun.verifier,
        }
        address = await self._find_address("token_endpoint")
        answer = await self._ask("POST", address, **self._prove(asked))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed(self._options.issuer, "it gave no ID token")
        expected = Expected(self._options.issuer, self._options.client_id, begun.nonce)
        return check_id_token(token, await self._find_key(token), expected)

    def _prove(self, asked: dict[str, str]) -> dict[str, Any]:
        """The form of a request that says who we are, in the way that the provider takes."""
        name, secret = self._options.client_id, self._options.client_secret
        if secret is None:
            return {"data": asked | {"client_id": name}}
        ways = self._document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in ways:
            return {"data": asked, "auth": httpx.BasicAuth(quote_plus(name), quote_plus(secret))}
        return {"data": asked | {"client_id": name, "client_secret": secret}}

    async def _find_key(self, token: str) -> Key:
        key = find_key(token, self._keys)
        if key is None:
            self._keys = read_keys(await self._ask("GET", await self._find_address("jwks_uri")))
            key = find_key(token, self._keys)
        if key is None:
            raise ProviderFailed(self._options.issuer, "its ID token is signed with a key that it does not show")
        return key

    async def _find_address(self, name: str) -> str:
        if time.monotonic() >= self._known_until:
            await self._read_document()
        address = self._document.get(name)
        if not isinstance(address, str) or not is_safe_address(address):
            raise ProviderFailed(self._options.issuer, f"its {name} is no https address")
        return address

    async def _read_document(self) -> None:
        issuer = self._options.issuer
        document = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise ProviderFailed(issuer, "it calls itself by another name; DIX_OIDC_ISSUER must be that to the letter")
        self._document, self._known_until = document, time.monotonic() + KNOWN_S
        self._keys = ()

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """The JSON object that is answered."""
        issuer = self._options.issuer
        try:
            answer = await self._http.request(method, address, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnreachable(issuer, type(error).__name__) from None
        document = _read_object(answer)
        if answer.is_success and document is not None:
            return document
        said = str((document or {}).get("error", ""))
        told = f" and {said}" if said.isascii() and said.isidentifier() and len(said) < 60 else ""
        wrong = "no JSON object" if answer.is_success else f"status {answer.status_code}{told}"
        raise ProviderFailed(issuer, f"{urlsplit(address).path} answered with {wrong}")


def _read_object(answer: httpx.Response) -> dict[str, Any] | None:
    if len(answer.content) > LARGEST_BYTES:
        return None
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
