"""Aliases of models over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from dix.records.model_version import ModelDraft
from tests.api.server import Server

ALIASES = "/api/v1/models/digits/aliases"


@pytest.fixture(autouse=True, scope="module")
def _models(server: Server) -> None:
    for uri in ("file:///m1", "file:///m2"):
        server.parts.catalog.models.register_model(ModelDraft("digits", uri), "default")


def test_an_alias_is_set_listed_moved_and_deleted(http: httpx.Client) -> None:
    made = http.put(f"{ALIASES}/{quote('冠军')}", json={"version": 1})
    assert made.status_code == 200
    known = {"model": "digits", "alias": "冠军", "version": 1, "reference": "models:/digits@冠军", "user": "admin"}
    assert made.json().items() >= known.items()
    assert http.get(ALIASES).json()["items"] == [made.json()]
    assert http.get("/api/v1/models/digits/versions/2").json()["aliases"] == {"冠军": 1}
    moved = http.put(f"{ALIASES}/冠军", json={"version": 2, "if_version": 1}).json()
    assert http.get(f"{ALIASES}/冠军").json() == moved
    assert http.get("/api/v1/models").json()["items"][0]["aliases"] == {"冠军": 2}
    assert http.delete(f"{ALIASES}/冠军", params={"if_version": 2}).status_code == 204
    assert http.get(f"{ALIASES}/冠军").status_code == 404
    moves = http.get(f"{ALIASES}/冠军/moves").json()["items"]
    assert [(move["before"], move["after"]) for move in moves] == [(2, None), (1, 2), (None, 1)]


def test_a_move_from_elsewhere_is_a_conflict(http: httpx.Client) -> None:
    http.put(f"{ALIASES}/champion", json={"version": 1})
    answer = http.put(f"{ALIASES}/champion", json={"version": 2, "if_version": 2})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:dix:problem:conflict")
    assert http.delete(f"{ALIASES}/champion", params={"if_version": 0}).status_code == 409


@pytest.mark.parametrize("alias", ["latest", "v1", "7", "a b", "<i>", "%2E%2E", "x" * 256])
def test_what_may_be_no_alias_is_refused(http: httpx.Client, alias: str) -> None:
    assert http.put(f"{ALIASES}/{alias}", json={"version": 1}).status_code in {404, 422}


@pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "1"}, {"version": 1, "if_version": -1}, {"to": 1}])
def test_a_wrong_body_is_refused(http: httpx.Client, body: dict[str, object]) -> None:
    assert http.put(f"{ALIASES}/champion", json=body).status_code == 422


def test_what_is_not_there_is_named_with_the_nearest(http: httpx.Client) -> None:
    http.put(f"{ALIASES}/champion", json={"version": 1})
    assert http.put("/api/v1/models/digitz/aliases/a", json={"version": 1}).json()["facts"]["nearest"] == "digits"
    assert http.put(f"{ALIASES}/champion", json={"version": 9}).json()["facts"]["nearest"] == "digits/2"
    for path in ("champio", "champio/moves"):
        answer = http.get(f"{ALIASES}/{path}")
        assert (answer.status_code, answer.json()["facts"]["nearest"]) == (404, "digits@champion")
    assert http.get("/api/v1/models/digitz/aliases").status_code == 404


def test_moves_are_sorted_and_divided(http: httpx.Client) -> None:
    for version in (1, 2, 1):
        http.put("/api/v1/models/digits/aliases/moving", json={"version": version}).raise_for_status()
    url = "/api/v1/models/digits/aliases/moving/moves"
    first = http.get(url, params={"sort": "at", "limit": 2}).json()
    rest = http.get(url, params={"sort": "at", "cursor": first["next_cursor"]}).json()
    assert [move["after"] for move in first["items"] + rest["items"]] == [1, 2, 1]
