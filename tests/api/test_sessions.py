"""Signing in and out, passwords, tokens and users over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from dix.access.limit import TRIES_OF_A_NAME
from dix.records.moments import now, to_text
from tests.api.people import add_person, come_in
from tests.api.server import Server, run_server

PASSWORD = "correct horse 名"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own for each: who failed too often is remembered."""
    with run_server(tmp_path_factory.mktemp("sessions")) as running:
        yield running


def make_ana(admin: httpx.Client) -> None:
    answer = admin.post("/api/v1/users", json={"name": "ana", "password": PASSWORD, "email": "ana@example.org"})
    assert answer.status_code == 201, answer.text
    assert PASSWORD not in answer.text


def log_in(world: Server, **proof: str) -> httpx.Response:
    with world.open(None) as http:
        return http.post("/api/v1/login", json=proof)


def test_a_password_opens_a_session_that_ends(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
    opened = log_in(world, name="ana", password=PASSWORD)
    assert opened.status_code == 201
    with world.open(opened.json()["token"]) as ana:
        who = ana.get("/api/v1/whoami").json()
        assert (who["user"], who["is_administrator"], who["roles"]) == ("ana", False, {})
        assert (ana.get("/api/v1/users/ana").json()["email"], ana.get("/api/v1/users/admin").json()["email"]) == (
            "ana@example.org",
            None,
        )
        assert ana.post("/api/v1/logout").status_code == 204
        assert ana.get("/api/v1/whoami").status_code == 401


def test_what_is_wrong_is_not_told(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
        admin.post("/api/v1/users", json={"name": "bob"})
    proofs = [("ana", "wrong"), ("bob", "wrong"), ("nobody", PASSWORD), ("admin", ""), ("../x", "<b>")]
    answers = [log_in(world, name=name, password=password) for name, password in proofs]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


@pytest.mark.parametrize("proof", [{}, {"name": "ana"}, {"code": "x", "name": "ana"}, {"password": "x"}, {"nam": "x"}])
def test_half_a_proof_is_a_wrong_value(world: Server, proof: dict[str, str]) -> None:
    assert log_in(world, **proof).status_code == 422


def test_too_many_tries_have_to_wait_also_with_the_right_one(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
        for _ in range(TRIES_OF_A_NAME):
            assert log_in(world, name="ana", password="wrong").status_code == 401
        refused = log_in(world, name="ana", password=PASSWORD)
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:dix:problem:too-often")
        assert refused.json()["facts"]["wait_s"] > 0
        code = admin.post("/api/v1/codes", json={"user": "ana"}).json()["secret"]
    assert log_in(world, code=code).status_code == 201


def test_a_code_lets_in_once(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
        code = admin.post("/api/v1/codes", json={"user": "ana"}).json()["secret"]
        assert admin.post("/api/v1/codes", json={"user": "anna"}).status_code == 404
    with world.open(code) as http:
        assert http.get("/api/v1/whoami").status_code == 401
    assert log_in(world, code=code).json()["user"] == "ana"
    assert log_in(world, code=code).status_code == 401


def test_another_password_ends_all_sessions_and_no_tokens(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
    with world.open(log_in(world, name="ana", password=PASSWORD).json()["token"]) as ana:
        token = ana.post("/api/v1/tokens", json={"name": "nightly"}).json()["secret"]
        assert ana.put("/api/v1/password", json={"old": "wrong", "new": "another one"}).status_code == 422
        assert ana.put("/api/v1/password", json={"old": PASSWORD, "new": "short"}).status_code == 422
        assert ana.put("/api/v1/password", json={"old": PASSWORD, "new": "another one"}).status_code == 204
        assert ana.get("/api/v1/whoami").status_code == 401
    with world.open(token) as program:
        assert program.get("/api/v1/whoami").json()["scopes"] == ["predict", "read", "write"]
        assert program.put("/api/v1/password", json={"old": "another one", "new": "a third one"}).status_code == 403
    assert log_in(world, name="ana", password=PASSWORD).status_code == 401
    assert log_in(world, name="ana", password="another one").status_code == 201


def test_who_is_disabled_or_deleted_is_outside_at_once(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
        for change in (
            lambda: admin.patch("/api/v1/users/ana", json={"is_disabled": True}),
            lambda: admin.delete("/api/v1/users/ana"),
        ):
            admin.patch("/api/v1/users/ana", json={"is_disabled": False})
            with come_in(world, "ana") as ana:
                assert ana.get("/api/v1/whoami").status_code == 200
                assert change().status_code in {200, 204}
                assert ana.get("/api/v1/whoami").status_code == 401
            assert log_in(world, name="ana", password=PASSWORD).status_code == 401
        assert admin.post("/api/v1/users", json={"name": "ana"}).status_code == 409


def test_the_last_administrator_stays(world: Server) -> None:
    with world.open() as admin:
        for answer in (
            admin.patch("/api/v1/users/admin", json={"is_administrator": False}),
            admin.delete("/api/v1/users/admin"),
        ):
            assert (answer.status_code, "the only administrator" in answer.text) == (409, True)


def test_a_token_is_shown_once_and_is_its_users(world: Server) -> None:
    add_person(world, "ana")
    add_person(world, "bob")
    with come_in(world, "ana") as ana, come_in(world, "bob") as bob, world.open() as admin:
        body = {"name": "名 <script>", "scopes": ["read"], "expires": to_text(now() + timedelta(1))}
        made = ana.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k"}).json()
        assert ana.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k"}).status_code == 409
        listed = ana.get("/api/v1/tokens")
        assert made["secret"] not in listed.text
        assert made["id"] in {item["id"] for item in listed.json()["items"]}
        assert made["id"] not in bob.get("/api/v1/tokens").text
        assert bob.get("/api/v1/tokens", params={"everybody": True}).status_code == 403
        assert made["id"] in admin.get("/api/v1/tokens", params={"everybody": True}).text
        assert bob.delete(f"/api/v1/tokens/{made['id']}").json() == bob.delete("/api/v1/tokens/t0").json() | {
            "detail": f"no token {made['id']}",
            "facts": {"kind": "token", "name": made["id"]},
        }
        with world.open(made["secret"]) as program:
            assert program.get("/api/v1/flows").status_code == 200
            assert admin.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
            assert program.get("/api/v1/flows").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["rule"]},
        {"name": "x", "expires": "2001-01-01"},
        {"name": "x", "expires": "soon"},
        {"name": "x", "projects": []},
        {"name": "x", "projects": ["../x"]},
        {"name": "x", "user": "admin"},
    ],
)
def test_a_token_that_cannot_be_is_refused(server: Server, body: dict) -> None:
    add_person(server, "ana")
    with come_in(server, "ana") as ana:
        assert ana.post("/api/v1/tokens", json=body).status_code == 422
        assert ana.post("/api/v1/tokens", json={"name": "x", "projects": ["default"]}).status_code == 404


@pytest.mark.parametrize("name", ["Ana", "", "a b", "../x", "名", "-a", "a" * 64])
def test_a_name_that_is_none_is_refused(http: httpx.Client, name: str) -> None:
    assert http.post("/api/v1/users", json={"name": name}).status_code == 422


def test_cookies_open_nothing(server: Server, http: httpx.Client) -> None:
    """So that no page of another site can do anything here in the name of who looks at it."""
    token = http.headers["Authorization"].removeprefix("Bearer ")
    with server.open(None) as page:
        for name in ("dix_session", "token", "Authorization"):
            page.cookies.set(name, token)
        assert page.get("/api/v1/runs").status_code == 401


def test_a_stolen_session_does_not_find_the_password_out(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
    with world.open(log_in(world, name="ana", password=PASSWORD).json()["token"]) as thief:
        for _ in range(TRIES_OF_A_NAME):
            assert thief.put("/api/v1/password", json={"old": "wrong", "new": "another one"}).status_code == 422
        assert thief.put("/api/v1/password", json={"old": PASSWORD, "new": "another one"}).status_code == 429


def test_a_token_makes_none_that_outlives_it(world: Server) -> None:
    with world.open() as admin:
        make_ana(admin)
    end, later = (to_text(now() + timedelta(days)) for days in (1, 2))
    body = {"name": "x", "scopes": ["read", "admin"]}
    with world.open(log_in(world, name="ana", password=PASSWORD).json()["token"]) as ana:
        made = ana.post("/api/v1/tokens", json=body | {"expires": end}).json()
        assert ana.post("/api/v1/tokens", json=body).json()["expires"] is None
    with world.open(made["secret"]) as program:
        assert program.post("/api/v1/tokens", json=body).json()["expires"] == made["expires"]
        refused = program.post("/api/v1/tokens", json=body | {"expires": later})
        assert (refused.status_code, "good for longer than yours" in refused.json()["detail"]) == (403, True)
