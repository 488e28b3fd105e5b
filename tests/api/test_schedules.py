"""Schedules over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from dix.names import make_run_id
from dix.records.moments import now
from dix.records.schedule import Missed
from tests.api.fakes import FakeScheduler
from tests.api.server import FLOW, Server

SCHEDULES = "/api/v1/schedules"


@pytest.fixture(autouse=True)
def flow(http: httpx.Client) -> None:
    for name in ("digits", "prepare", "publish"):
        assert http.post("/api/v1/flows", json={"text": FLOW.replace("digits\nd", f"{name}\nd")}).is_success


def make(http: httpx.Client, **body: Any) -> httpx.Response:
    given = {"name": f"s-{make_run_id()}", "flow": "digits"}
    return http.post(SCHEDULES, json=given | ({"cron": "0 6 * * MON-FRI"} if "on" not in body else {}) | body)


def test_a_schedule_is_made_and_read_back(http: httpx.Client, server: Server) -> None:
    answer = make(http, zone="Europe/Vienna", params={"epochs": 5}, grace="2h", jitter="5m", catch_up=3, overlap="skip")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["flow"], made["version"], made["zone"], made["params"]) == (
        "digits",
        None,
        "Europe/Vienna",
        {"epochs": 5},
    )
    assert (made["grace_s"], made["jitter_s"], made["catch_up"], made["overlap"]) == (7200, 300, 3, "skip")
    assert made["due"] > made["created"]
    assert http.get(f"{SCHEDULES}/{made['name']}").json() == made
    assert made["name"] in [one["name"] for one in http.get(SCHEDULES, params={"flow": "digits"}).json()["items"]]
    assert isinstance(server.parts.scheduler, FakeScheduler)
    assert made["name"] in server.parts.scheduler.reread_names
    assert make(http, name=made["name"]).status_code == 409


def test_a_preview_says_the_next_times_here_and_there(http: httpx.Client) -> None:
    body = {"cron": "30 2 * * *", "zone": "Europe/Vienna"}
    found = http.post(f"{SCHEDULES}/preview", params={"after": "2026-03-27", "count": 3}, json=body).json()["items"]
    assert [(one["local"], one["due"]) for one in found] == [
        ("2026-03-27T02:30:00+01:00", "2026-03-27T01:30:00Z"),
        ("2026-03-28T02:30:00+01:00", "2026-03-28T01:30:00Z"),
        ("2026-03-29T03:00:00+02:00", "2026-03-29T01:00:00Z"),  # 02:30 is skipped there
    ]
    made = make(http, **body).json()
    kept = http.get(f"{SCHEDULES}/{made['name']}/preview", params={"after": "2026-03-27", "count": 3}).json()["items"]
    assert kept == found


def test_a_change_holds_and_starts_to_count_anew(http: httpx.Client) -> None:
    made = make(http).json()
    path = f"{SCHEDULES}/{made['name']}"
    tag = http.get(path).headers["ETag"]
    changed = http.patch(path, json={"cron": "@hourly", "concurrency": 2}, headers={"If-Match": tag})
    assert (changed.json()["cron"], changed.json()["concurrency"]) == ("@hourly", 2)
    assert changed.json()["counts_from"] > made["counts_from"]
    assert http.patch(path, json={"priority": 3}, headers={"If-Match": tag}).status_code == 412
    same = http.patch(path, json={"priority": 3}).json()
    assert (same["counts_from"], same["concurrency"]) == (changed.json()["counts_from"], 2)


def test_a_paused_schedule_is_due_at_no_time(http: httpx.Client) -> None:
    path = f"{SCHEDULES}/{make(http).json()['name']}"
    paused = http.post(f"{path}/pause").json()
    assert (paused["is_paused"], paused["due"]) == (True, None)
    resumed = http.post(f"{path}/resume").json()
    assert (resumed["is_paused"], resumed["due"] is None) == (False, False)
    assert resumed["resumed"] is not None
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


def test_missed_times_are_listed_with_their_reasons(http: httpx.Client, server: Server) -> None:
    name = make(http).json()["name"]
    date = datetime(2026, 1, 1, tzinfo=UTC)
    missed = [Missed(name, date, date, i, f"reason {i}", now()) for i in (1, 2)]
    server.parts.catalog.firings.settle_firings([], missed)
    found = http.get(f"{SCHEDULES}/{name}/missed", params={"sort": "-count", "limit": 1}).json()
    assert [(one["count"], one["reason"]) for one in found["items"]] == [(2, "reason 2")]
    assert found["next_cursor"]


def test_events_may_take_the_place_of_the_clock(http: httpx.Client) -> None:
    made = make(http, on={"flow": "prepare"}).json()
    assert made["watch"] == {"kind": "flow", "target": "prepare", "every_s": 60.0}
    assert (made["cron"], made["due"]) == (None, None)
    assert make(http, on={"data": "digits/inbox", "every": "10s"}).json()["watch"]["every_s"] == 10
    assert http.get(f"{SCHEDULES}/{made['name']}/preview").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"cron": "0 0 31 2 *"}, 422, "at most 29 days"),
        ({"zone": "Europe/Viena"}, 422, "did you mean Europe/Vienna?"),
        ({"cron": None}, 422, "either cron (times) or on (an event)"),
        ({"on": {"flow": "prepare"}, "cron": "@daily"}, 422, "either cron (times) or on (an event)"),
        ({"on": {"flow": "prepare", "data": "x"}}, 422, "one of data, alias and flow"),
        ({"on": {}}, 422, "one of data, alias and flow"),
        ({"on": {"flow": "prepar"}}, 404, "did you mean prepare?"),
        ({"on": {"flow": "digits"}}, 409, "started by its own success"),
        ({"on": {"alias": "models:/digits/3"}}, 422, "models:/NAME@ALIAS"),
        ({"on": {"alias": "models:/nothing@best"}}, 404, "no model nothing"),
        ({"on": {"data": "x", "every": "1s"}}, 422, "at least 5s"),
        ({"flow": "digit"}, 404, "did you mean digits?"),
        ({"version": 9}, 404, "digits"),
        ({"project": "nothing"}, 404, "no project nothing"),
        ({"start": "2026-02-30"}, 422, "start: expected an ISO 8601"),
        ({"start": "2026-03-01", "end": "2026-02-01"}, 422, "not before start"),
        ({"end": "2020-01-01"}, 422, "end"),
        ({"grace": "soon"}, 422, "grace: expected a number with"),
        ({"jitter": "30d"}, 422, "at most 7d"),
        ({"catch_up": 1001}, 422, "1000"),
        ({"overlap": "never"}, 422, "allow"),
        ({"concurrency": 0}, 422, "1"),
        ({"nonsense": 1}, 422, "nonsense"),
        ({"name": "Not A Name"}, 422, "try not-a-name"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    http: httpx.Client, body: dict[str, Any], status: int, sentence: str
) -> None:
    answer = make(http, **body)
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text


def test_flows_that_would_start_each_other_for_ever_are_refused(http: httpx.Client) -> None:
    assert make(http, flow="publish", on={"flow": "prepare"}).status_code == 201
    answer = make(http, flow="prepare", on={"flow": "publish"})
    assert answer.status_code == 409, answer.text
