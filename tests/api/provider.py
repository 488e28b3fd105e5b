"""A small OpenID Connect provider on loopback, which signs what a test wants it to sign."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "dix-tests", "s3cret/of+tests"


class TestProvider:
    """Lets everybody in at once, as `person`; `claims`, `header` and `key` change what its next ID tokens are."""

    __test__ = False

    def __init__(self) -> None:
        self.key = self.shown = RSAKey.generate_key(2048, {"kid": "k1"})
        self.person: dict[str, Any] = {"sub": "1", "preferred_username": "ana", "email": "ana@example.org"}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.document: dict[str, Any] = {}
        self.is_broken = False
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self.issuer = f"http://127.0.0.1:{self._http.server_address[1]}"

    def be_usual(self) -> None:
        """Forget what a test has changed."""
        self.key, self.claims, self.header, self.document = self.shown, {}, {"alg": "RS256", "kid": "k1"}, {}
        self.person = {"sub": "1", "preferred_username": "ana", "email": "ana@example.org"}
        self.is_broken = False

    def sign_in(self, address: str) -> str:
        """What a browser is sent back to from the page at this address; it always lets in."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """The status and the document for a request."""
        self.asked.append(path)
        if self.is_broken:
            return 200, ["<html>", "not", "what", "was", "asked"]
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
            told = {name: self.issuer + place for name, place in places.items()}
            return 200, {"issuer": self.issuer} | told | self.document
        if path == "/keys":
            return 200, {"keys": [{"kty": "new"}, self.shown.as_dict(private=False, use="sig")]}
        return self._give_token(form, authorization)

    def _give_token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        asked = self._codes.pop(form.get("code", ""), None)
        if b64decode(authorization.removeprefix("Basic ")).decode() != f"{CLIENT}:s3cret%2Fof%2Btests":
            return 401, {"error": "invalid_client"}
        hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
        if asked is None or _encode(hashed) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        moment = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "nonce": asked["nonce"], "iat": moment, "exp": moment + 300}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._sign(claims | self.person)}

    def _sign(self, claims: dict[str, Any]) -> str:
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.header["alg"] not in {"none", "HS256"}:
            return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])
        # By hand: no library helps to sign with what everybody knows.
        signed = ".".join(_encode(json.dumps(part).encode()) for part in (self.header, claims))
        if self.header["alg"] == "none":
            return f"{signed}."
        return f"{signed}.{_encode(hmac.digest(self.shown.as_pem(private=False), signed.encode(), 'sha256'))}"

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self._answer({name: values[0] for name, values in parse_qs(body).items()})

            def _answer(self, form: dict[str, str]) -> None:
                path = urlsplit(self.path).path
                status, document = provider.answer(path, form, self.headers.get("authorization", ""))
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def serve(self) -> None:
        """Until `end`."""
        self._http.serve_forever(0.02)

    def end(self) -> None:
        """Answer nobody any more."""
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def run_provider() -> Iterator[TestProvider]:
    """A provider on a free port, until the block ends."""
    provider = TestProvider()
    thread = threading.Thread(target=provider.serve, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.end()
        thread.join(10)


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
