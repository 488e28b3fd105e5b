"""Endpoints over HTTP."""

from __future__ import annotations

import httpx
import pytest


def test_an_endpoint_comes_is_seen_and_goes(http: httpx.Client) -> None:
    answer = http.post("/api/v1/endpoints", json={"name": "digits", "model": "digits", "replicas": 2})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["state"], made["replicas"], made["path"]) == ("ready", 2, "/v2/models/digits")
    assert http.get("/api/v1/endpoints").json() == {"items": [made], "next_cursor": None}
    assert http.get("/api/v1/endpoints/digits").json() == made
    gone = http.delete("/api/v1/endpoints/digits")
    assert (gone.status_code, gone.content) == (204, b"")
    assert http.get("/api/v1/endpoints/digits").status_code == 404
    assert http.delete("/api/v1/endpoints/digits").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Not good", "model": "digits"},
        {"name": "a", "model": "digits", "replicas": 0},
        {"name": "a", "model": "digits", "replicas": True},
        {"name": "a", "model": "digits", "gpus": 1},
        {"name": "a"},
    ],
)
def test_what_cannot_be_is_refused(http: httpx.Client, body: dict) -> None:
    assert http.post("/api/v1/endpoints", json=body).status_code == 422
