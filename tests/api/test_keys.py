"""Idempotency-Key: what is sent twice is made once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from dix.api.keys import Keys
from dix.records.caller import Caller
from dix.records.member import Member, Role
from dix.records.moments import now
from dix.records.reply import KeyedRequest
from dix.records.token import Scope as TokenScope
from tests.api.people import add_person, come_in
from tests.api.server import FLOW, Server, run_server

RUNS = "/api/v1/runs"


def start(http: httpx.Client, key: str, text: str = FLOW) -> httpx.Response:
    return http.post(RUNS, json={"text": text}, headers={"Idempotency-Key": key})


def count_runs(http: httpx.Client) -> int:
    return len(http.get(RUNS, params={"limit": 1000}).json()["items"])


def test_a_request_that_is_sent_again_gets_the_first_answer(http: httpx.Client) -> None:
    before = count_runs(http)
    first, again = start(http, "one"), start(http, "one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    assert count_runs(http) == before + 1
    assert start(http, "other").json()["id"] != first.json()["id"]


def test_the_same_key_with_another_body_is_refused(http: httpx.Client) -> None:
    assert start(http, "mixed").status_code == 201
    for answer in (
        start(http, "mixed", FLOW + "# more\n"),
        http.post(f"{RUNS}?x=1", json={"text": FLOW}, headers={"Idempotency-Key": "mixed"}),
    ):
        assert answer.status_code == 422
        assert answer.json()["facts"]["field"] == "Idempotency-Key"


def test_what_comes_many_times_at_once_is_made_once(http: httpx.Client, server: Server) -> None:
    before, ready = count_runs(http), threading.Barrier(8)

    def send(_number: int) -> tuple[int, bytes]:
        with server.open() as client:
            ready.wait(10)
            answer = start(client, "crowd")
            return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1
    assert count_runs(http) == before + 1


def test_what_was_refused_has_made_nothing_and_is_tried_anew(http: httpx.Client) -> None:
    body = {"text": FLOW.replace("name: digits", "name: later"), "project": "later"}
    headers = {"Idempotency-Key": "later"}
    assert http.post("/api/v1/flows", json=body, headers=headers).status_code == 404
    http.post("/api/v1/projects", json={"name": "later"}).raise_for_status()
    assert http.post("/api/v1/flows", json=body, headers=headers).status_code == 201
    assert http.post("/api/v1/flows", json=body, headers=headers).status_code == 201, "the first answer, not 200"


@pytest.mark.parametrize("key", ["", "two words", "ä", "x" * 256])
def test_what_is_no_key_is_refused(http: httpx.Client, key: str) -> None:
    answer = http.post(RUNS, json={"text": FLOW}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert answer.status_code == 422


def test_a_body_that_is_too_long_is_said_to_be(http: httpx.Client) -> None:
    parts = (b"x" * 2**20 for _ in range(20))
    answer = http.post(RUNS, content=parts, headers={"Idempotency-Key": "long"})
    assert answer.status_code == 413


def test_answers_outlive_the_server(tmp_path: Path) -> None:
    with run_server(tmp_path) as server, server.open() as http:
        first = start(http, "kept")
    with run_server(tmp_path) as server, server.open() as http:
        again = start(http, "kept")
        assert again.content == first.content
        assert count_runs(http) == 1


class Shop:
    """An application that sells secrets, slowly; it counts what it has sold."""

    def __init__(self) -> None:
        self.sold = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        self.sold += 1
        await JSONResponse({"name": "t", "secret": "dix_42"}, 201)(scope, receive, send)


async def ask(keys: Keys, *, patience_s: float = 5.0) -> list[Message]:
    caller = Caller("ada", "t1")
    scope = {"type": "http", "method": "POST", "path": "/api/v1/tokens", "query_string": b"", "state": {}}
    scope |= {"headers": [(b"idempotency-key", b"k")]}
    scope["state"] = {"caller": caller}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    with suppress(TimeoutError):
        await asyncio.wait_for(keys(scope, receive, send), patience_s)
    return sent


def test_a_secret_is_shown_once_and_not_kept(server: Server) -> None:
    shop, replies = Shop(), server.parts.catalog.replies
    keys = Keys(shop, replies, "salt")
    first, again = asyncio.run(ask(keys)), asyncio.run(ask(keys))
    assert b"dix_42" in first[1]["body"]
    assert (again[0]["status"], shop.sold) == (409, 1)
    assert b"dix_42" not in again[1]["body"]
    assert b"with a secret that is shown once" in again[1]["body"]


def test_what_was_begun_goes_on_when_the_caller_is_gone(server: Server) -> None:
    shop = Shop()

    async def leave_and_come_back() -> list[Message]:
        keys = Keys(shop, server.parts.catalog.replies, "other salt")
        keys._replies.release_key(KeyedRequest("ada", "k", ""))
        assert await ask(keys, patience_s=0.02) == []
        return await ask(keys)

    assert asyncio.run(leave_and_come_back())[0]["status"] == 201
    assert shop.sold == 1


def test_keys_are_forgotten_after_a_day(server: Server) -> None:
    asked, replies = KeyedRequest("ada", "old", "f"), server.parts.catalog.replies
    assert replies.claim_key(asked, now() - timedelta(hours=25)) is None
    assert replies.claim_key(asked, now()) is None


def test_a_weaker_token_is_not_told_what_a_stronger_one_was(server: Server) -> None:
    add_person(server, "ana")
    server.parts.catalog.members.put_member(Member("default", "ana", Role.USER, now()))
    with come_in(server, "ana") as ana, come_in(server, "ana", scopes=(TokenScope.PREDICT,)) as weaker:
        assert start(ana, "strong").status_code == 201
        assert start(weaker, "strong").status_code == 422
        assert start(weaker, "weak").status_code == 403
