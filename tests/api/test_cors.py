"""Pages of the dashboard may read the API's answers, those of other sites may not."""

from __future__ import annotations

import httpx
import pytest

from tests.api.server import DASHBOARD, Server

OTHERS = ["http://evil.example", "http://127.0.0.1:8502", "https://127.0.0.1:8501", "null", f"{DASHBOARD}.evil.example"]
ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,if-match"}


def test_the_dashboards_pages_may_ask_and_read(server: Server, http: httpx.Client) -> None:
    with server.open(token=None) as stranger:
        asked = stranger.options("/api/v1/flows/digits", headers={"Origin": DASHBOARD, **ASKED})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == DASHBOARD
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    assert "access-control-allow-credentials" not in asked.headers
    answer = http.get("/api/v1/flows", headers={"Origin": DASHBOARD})
    assert answer.headers["Access-Control-Allow-Origin"] == DASHBOARD
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("origin", OTHERS)
def test_pages_of_other_sites_may_not(http: httpx.Client, origin: str) -> None:
    for answer in (
        http.options("/api/v1/flows/digits", headers={"Origin": origin, **ASKED}),
        http.get("/api/v1/flows", headers={"Origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers


def test_a_refusal_can_be_read_as_well(server: Server) -> None:
    with server.open(token=None) as stranger:
        answer = stranger.get("/api/v1/flows", headers={"Origin": DASHBOARD})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, DASHBOARD)
