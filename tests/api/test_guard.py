"""Who comes in, how much of it, and with which headers it goes out."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import httpx
import pytest

from dix.api.guard import MAX_BODY_BYTES, OPEN
from dix.serve.headers import HEADERS
from tests.api.server import TOKEN, Server

CLOSED = ["/api/v1/status", "/api/v1/runs", "/v2", "/v2/models/digits", "/api/v1/health/", "/API/V1/health", "/", "/x"]


@pytest.mark.parametrize("path", sorted(OPEN))
def test_these_are_open(server: Server, path: str) -> None:
    with server.open(token=None) as http:
        assert http.get(path).status_code == (409 if "oidc" in path else 200)


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("token", [None, "guessed", TOKEN[:-1], TOKEN + "x", f"{TOKEN} {TOKEN}"])
def test_everything_else_wants_the_token(server: Server, path: str, token: str | None) -> None:
    with server.open(token) as http:
        answer = http.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in answer.text


def test_the_scheme_is_bearer(server: Server) -> None:
    with server.open(token=None) as http:
        assert http.get("/api/v1/runs", headers={"Authorization": f"Basic {TOKEN}"}).status_code == 401
        assert http.get("/api/v1/runs", headers={"Authorization": TOKEN}).status_code == 401
        assert http.get("/api/v1/runs", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
        assert http.get("/api/v1/runs", headers={"Authorization": b"Bearer \xff\xfe"}).status_code == 401


def test_a_refusal_under_v2_speaks_the_inference_protocol(server: Server) -> None:
    with server.open(token=None) as http:
        assert http.get("/v2/models/digits").json().keys() == {"error"}


def test_every_answer_has_the_security_headers(server: Server, http: httpx.Client) -> None:
    with server.open(token=None) as stranger:
        answers = [stranger.get("/api/v1/runs"), stranger.get("/api/v1/health")]
    answers += [http.get("/api/v1/runs"), http.get("/api/v1/runs/r0"), http.get("/nowhere")]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_body_that_says_it_is_too_long_is_not_read(server: Server) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/api/v1/flows")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["status"] == 413
    connection.close()


def test_a_body_that_turns_out_too_long_is_refused(http: httpx.Client) -> None:
    def drip() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(MAX_BODY_BYTES // 65536 + 1):
            yield b"x" * 65536
        yield b'"}'

    answer = http.post("/api/v1/flows/check", content=drip(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_big_document_comes_in(http: httpx.Client) -> None:
    text = "dix: 1\nname: big\nnodes:\n  a: {kind: data, uri: x}\n" + "# much to say\n" * 600_000
    assert len(text) > 8 * 1024 * 1024
    assert http.post("/api/v1/flows/check", json={"text": text}, timeout=60).status_code in {200, 422}
