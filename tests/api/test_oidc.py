"""Signing in at a provider: who comes in, as whom, and everything that keeps somebody out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from dix.access.limit import TRIES_OF_AN_ADDRESS
from dix.access.provider import OidcOptions
from dix.records.moments import now
from dix.records.user import User
from tests.api.provider import CLIENT, SECRET, TestProvider, run_provider
from tests.api.server import Server, run_server

API, UI = "https://dix.example.org/x", "https://dash.example.org"
BEGIN = "/api/v1/login/oidc"
HTML = {"Accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def running() -> Iterator[TestProvider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: TestProvider) -> TestProvider:
    running.be_usual()
    return running


@pytest.fixture(scope="module")
def world(running: TestProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = OidcOptions(running.issuer, CLIENT, SECRET, API, UI)
    with run_server(tmp_path_factory.mktemp("oidc"), options) as server:
        yield server


def go(world: Server, provider: TestProvider) -> tuple[str, dict[str, str]]:
    """To the provider: the path that it sends the browser back to, and the browser's cookie."""
    with world.open(None) as browser:
        sent = browser.get(BEGIN)
    assert sent.status_code == 303, sent.text
    cookie, path = sent.headers["set-cookie"].split(";")[0], "Path=/x/api/v1/login/oidc/callback"
    assert {path, "HttpOnly", "SameSite=lax", "Secure"} <= set(sent.headers["set-cookie"].split("; "))
    back = provider.sign_in(sent.headers["location"])
    assert back.startswith(f"{API}{BEGIN}/callback?")
    return back.removeprefix(API), {"Cookie": cookie}


def come_back(world: Server, path: str, headers: dict[str, str]) -> httpx.Response:
    with world.open(None) as browser:
        return browser.get(path, headers=headers)


def sign_in(world: Server, provider: TestProvider) -> httpx.Response:
    return come_back(world, *go(world, provider))


def find_user(world: Server, answer: httpx.Response) -> dict[str, Any]:
    """Who is let in by an answer, once."""
    assert answer.status_code == 303, answer.text
    code = answer.headers["location"].removeprefix(f"{UI}/?login=")
    with world.open(None) as http:
        opened = http.post("/api/v1/login", json={"code": code}).json()
        assert http.post("/api/v1/login", json={"code": code}).status_code == 401
    with world.open(opened["token"]) as http:
        who: dict[str, Any] = http.get("/api/v1/whoami").json()
    return who


def test_anybody_learns_where_one_can_sign_in(world: Server, provider: TestProvider) -> None:
    with world.open(None) as http:
        told = http.get("/api/v1/login").json()
    assert told == {"oidc": {"name": provider.issuer.removeprefix("http://"), "address": f"{API}{BEGIN}"}}


def test_who_signs_in_comes_in_and_is_in_no_project(world: Server, provider: TestProvider) -> None:
    provider.person |= {"sub": "happy", "preferred_username": "Zoë M. <b>@example.org", "name": "Zoë 名"}
    who = find_user(world, sign_in(world, provider))
    assert (who["user"], who["display_name"], who["roles"], who["is_administrator"]) == ("zoe-m-b", "Zoë 名", {}, False)
    with world.open() as admin:
        entries = admin.get("/api/v1/audit", params={"action": "finish_oidc"}).json()["items"]
    assert (entries[0]["user"], entries[0]["status"]) == ("zoe-m-b", 303)
    provider.person["preferred_username"] = "another"
    assert find_user(world, sign_in(world, provider))["user"] == "zoe-m-b"


@pytest.mark.parametrize("wished", ["taken", "TAKEN@example.org"])
def test_nobody_becomes_somebody_who_is_there(world: Server, provider: TestProvider, wished: str) -> None:
    if "@" not in wished:
        world.parts.catalog.users.create_user(User("taken", now(), email="taken@example.org"))
    provider.person |= {"sub": wished, "preferred_username": wished, "email": "taken@example.org"}
    name = find_user(world, sign_in(world, provider))["user"]
    assert name == ("taken-3" if "@" in wished else "taken-2")
    provider.person |= {"sub": f"{wished} admin", "preferred_username": "admin"}
    who = find_user(world, sign_in(world, provider))
    assert who["user"].startswith("admin-")
    assert not who["is_administrator"]


def test_who_is_disabled_stays_out(world: Server, provider: TestProvider) -> None:
    provider.person |= {"sub": "gone", "preferred_username": "gone"}
    name = find_user(world, sign_in(world, provider))["user"]
    users = world.parts.catalog.users
    users.change_user(name, {"is_disabled": True})
    refused = sign_in(world, provider)
    assert (refused.status_code, "may not come in" in refused.json()["detail"]) == (401, True)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": [CLIENT, "another"]}, "aud"),
        ({"aud": CLIENT, "azp": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "https://login.example.org"}, "iss"),
        ({"exp": 1_000_000_000}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": 4_000_000_000}, "iat"),
        ({"sub": ""}, "sub"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
    ],
)
def test_a_token_with_a_wrong_claim_lets_nobody_in(
    world: Server, provider: TestProvider, changed: dict[str, Any], named: str
) -> None:
    provider.claims = changed
    refused = sign_in(world, provider)
    assert (refused.status_code, refused.json()["type"]) == (502, "urn:dix:problem:provider-failed")
    assert named in refused.json()["detail"]


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_only_signatures_that_the_provider_alone_can_make_count(
    world: Server, provider: TestProvider, alg: str
) -> None:
    provider.header = {"alg": alg, "kid": "k1"}
    assert sign_in(world, provider).status_code == 502


def test_a_signature_of_another_key_does_not_count(world: Server, provider: TestProvider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert "bad_signature" in sign_in(world, provider).json()["detail"]
    provider.header = {"alg": "RS256", "kid": "unknown"}
    assert "does not show" in sign_in(world, provider).json()["detail"]


def test_documents_are_kept_and_a_new_key_is_found(world: Server, provider: TestProvider) -> None:
    sign_in(world, provider)
    provider.asked.clear()
    sign_in(world, provider)
    assert provider.asked == ["/token"]
    provider.key = provider.shown = RSAKey.generate_key(2048, {"kid": "k2"})
    provider.header = {"alg": "RS256", "kid": "k2"}
    assert sign_in(world, provider).status_code == 303
    assert provider.asked[1:] == ["/token", "/keys"]
    provider.shown = RSAKey.generate_key(2048, {"kid": "k1"})


def test_what_was_begun_is_finished_once_and_in_the_same_browser(world: Server, provider: TestProvider) -> None:
    path, cookie = go(world, provider)
    assert come_back(world, path, {}).status_code == 401
    assert come_back(world, path, {"Cookie": cookie["Cookie"] + "x"}).status_code == 401
    assert come_back(world, f"{BEGIN}/callback?code=code-0&state=guessed", cookie).status_code == 401
    assert come_back(world, f"{BEGIN}/callback", cookie).status_code == 401
    assert come_back(world, path, cookie).status_code == 303
    assert come_back(world, path, cookie).status_code == 401


def test_a_provider_that_lets_nobody_in_is_told_apart(world: Server, provider: TestProvider) -> None:
    path, cookie = go(world, provider)
    refused = come_back(world, f"{path}&error=access_denied", cookie)
    assert (refused.status_code, "did not let you in" in refused.json()["detail"]) == (401, True)
    path, cookie = go(world, provider)
    assert come_back(world, f"{path}&iss=https://another.example.org", cookie).status_code == 502


def test_a_browser_is_told_on_a_plain_page(world: Server, provider: TestProvider) -> None:
    page = come_back(world, f"{BEGIN}/callback?state=<script>", HTML)
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert f'href="{UI}"' in page.text
    assert "was not begun in this browser" in page.text
    assert "<script>" not in page.text


def test_after_too_many_tries_one_has_to_wait(world: Server, provider: TestProvider, tmp_path: Path) -> None:
    options = OidcOptions(provider.issuer, CLIENT, SECRET, API, UI)
    with run_server(tmp_path, options) as server, server.open(None) as http:
        answers = [http.get(f"{BEGIN}/callback").status_code for _ in range(TRIES_OF_AN_ADDRESS + 1)]
        assert answers == [401] * TRIES_OF_AN_ADDRESS + [429]
        assert http.get(BEGIN).status_code == 429


@pytest.mark.parametrize(
    "document",
    [{"issuer": "https://another.example.org"}, {"authorization_endpoint": "http://example.org/go"}, None],
)
def test_a_provider_that_is_none_is_told_in_a_sentence(
    provider: TestProvider, tmp_path: Path, document: dict[str, str] | None
) -> None:
    provider.is_broken, provider.document = document is None, document or {}
    options = OidcOptions(provider.issuer, CLIENT, SECRET, API, UI)
    with run_server(tmp_path, options) as server, server.open(None) as http:
        refused = http.get(BEGIN)
    assert refused.status_code == 502
    assert provider.issuer in refused.json()["detail"]


def test_a_provider_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path) -> None:
    options = OidcOptions("http://127.0.0.1:1", CLIENT, SECRET, API, UI)
    with run_server(tmp_path, options) as server, server.open(None) as http:
        refused = http.get(BEGIN)
        assert (refused.status_code, "does not answer" in refused.json()["detail"]) == (503, True)
        assert "does not answer" in http.get(BEGIN, headers=HTML).text


def test_a_wrong_secret_is_told_and_not_shown(provider: TestProvider, tmp_path: Path) -> None:
    options = OidcOptions(provider.issuer, CLIENT, "wrong-secret", API, UI)
    assert "wrong-secret" not in repr(options)
    with run_server(tmp_path, options) as server:
        refused = sign_in(server, provider)
    assert (refused.status_code, "invalid_client" in refused.json()["detail"]) == (502, True)
    assert "wrong-secret" not in refused.text
