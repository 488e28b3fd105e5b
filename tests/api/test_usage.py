"""Usage and prices over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from dix.records.attempt import Allocated, Used
from tests.api.server import FLOW, Server

LATE = datetime(2026, 5, 17, 23, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _used(server: Server) -> None:
    """Two hours over midnight for vision, one for speech."""
    with server.open() as http:
        for name in ("vision", "speech"):
            http.post("/api/v1/projects", json={"name": name})
        first = http.post("/api/v1/runs", json={"text": FLOW, "project": "vision"}).json()["id"]
        second = http.post("/api/v1/runs", json={"text": FLOW, "project": "speech"}).json()["id"]
    engine, hour = server.engine, timedelta(hours=1)
    held = Allocated(2.0, 0.5, "H100", 2**30)
    engine.try_step(first, "cnn", LATE, LATE + 2 * hour, allocated=held, used=Used(600.0, 2**28, 0.5))
    engine.try_step(second, "cnn", LATE, LATE + hour, allocated=Allocated(1.0, 1.0))


def ask(http: httpx.Client, **query: Any) -> Any:
    answer = http.get("/api/v1/usage", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_a_key_there_is_one_sum(http: httpx.Client) -> None:
    answer = ask(http)
    (item,) = answer["items"]
    assert (item["runs"], item["attempts"], item["running"]) == (2, 2, 0)
    assert (item["run_s"], item["cpu_s"], item["gpu_s"]) == (10800, 18000, 7200)
    assert item["gpu_s_by_type"] == {"H100": 3600, "unknown": 3600}
    assert (item["memory_gib_s"], item["cpu_used_s"], item["peak_memory_bytes"]) == (7200, 600, 2**28)
    assert (item["gpu_utilisation"], item["cost"], item["day"], item["project"]) == (0.5, None, None, None)


def test_any_keys_go_together_and_every_day_is_told(http: httpx.Client) -> None:
    answer = ask(http, by="project, day")
    rows = [(item["day"], item["project"], item["run_s"], item["user"]) for item in answer["items"]]
    assert rows == [
        ("2026-05-17", "speech", 3600, None),
        ("2026-05-17", "vision", 3600, None),
        ("2026-05-18", "vision", 3600, None),
    ]
    assert sum(item["run_s"] for item in answer["items"]) == ask(http)["items"][0]["run_s"]
    assert answer["next_cursor"] is None


def test_a_window_and_one_project_alone(http: httpx.Client) -> None:
    answer = ask(http, by="user,flow", since="2026-05-18", until="2026-05-18T00:30:00Z", project="vision")
    (item,) = answer["items"]
    assert (item["user"], item["flow"], item["run_s"]) == ("admin", "digits", 1800)
    assert ask(http, project="nobody")["items"] == []


def test_costs_are_of_the_price_book(http: httpx.Client) -> None:
    book = {"currency": "EUR", "cpu_hour": 0.1, "gpu_hour": 2, "gib_hour": None, "gpu_types": {"H100": 4.5}}
    put = http.put("/api/v1/usage/prices", json=book)
    assert put.status_code == 200
    assert put.json() == http.get("/api/v1/usage/prices").json() == book
    answer = ask(http, by="project")
    assert [(item["project"], item["cost"]) for item in answer["items"]] == [("speech", 2.1), ("vision", 4.9)]
    (total,) = ask(http)["items"]
    assert (total["cost"], total["currency"]) == (7.0, "EUR")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"by": "week"}, "by: expected any of day, project, user and flow"),
        ({"by": "proyect"}, "did you mean project?"),
        ({"since": "yesterday"}, "since: expected an ISO 8601 date or time"),
        ({"until": "2026-13-01"}, "until: expected an ISO 8601 date or time"),
        ({"since": "2026-02-10", "until": "2026-01-10"}, "until: expected a moment after 2026-02-10"),
    ],
)
def test_what_cannot_be_asked_is_said(http: httpx.Client, query: dict[str, str], sentence: str) -> None:
    answer = http.get("/api/v1/usage", params=query)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize("book", [{"cpu_hour": -1}, {"cpu_hour": "much"}, {"gpu_types": {"H100": 1e300}}, {"tax": 1}])
def test_prices_that_are_none_are_refused(http: httpx.Client, book: dict[str, Any]) -> None:
    before = http.get("/api/v1/usage/prices").json()
    assert http.put("/api/v1/usage/prices", json=book).status_code == 422
    assert http.get("/api/v1/usage/prices").json() == before


def test_sums_are_sorted_and_divided(http: httpx.Client) -> None:
    query: dict[str, Any] = {"by": "project,user", "sort": "-run_s,project"}
    whole = http.get("/api/v1/usage", params=query).json()["items"]
    assert len(whole) > 1
    assert whole == sorted(whole, key=lambda item: (-item["run_s"], item["project"]))
    first = http.get("/api/v1/usage", params=query | {"limit": 1}).json()
    rest = http.get("/api/v1/usage", params=query | {"cursor": first["next_cursor"]}).json()
    assert [item["project"] for item in first["items"] + rest["items"]] == [item["project"] for item in whole]
