"""Backfills over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from dix.names import make_run_id
from dix.records.states import RunState
from tests.api.server import FLOW, Server

BACKFILLS = "/api/v1/backfills"


@pytest.fixture
def flow(http: httpx.Client) -> str:
    """A flow of this test's own."""
    name = f"f-{make_run_id()}"
    assert http.post("/api/v1/flows", json={"text": FLOW.replace("name: digits", f"name: {name}")}).is_success
    return name


def days(flow: str, /, **more: Any) -> dict[str, Any]:
    return {"flow": flow, "first": "2026-01-01", "last": "2026-01-05", "step": "1d"} | more


def cut_items(answer: httpx.Response) -> bytes:
    """The bytes of the list itself."""
    begin, end = answer.content.index(b'"items":'), answer.content.index(b',"next_cursor"')
    return answer.content[begin:end]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"order": "backwards", "params": {"epochs": 9}, "priority": 5},
        {"step": "30 6 * * *", "zone": "Australia/Lord_Howe", "first": "2026-04-01", "last": "2026-04-09"},
        {"first": None, "last": None, "step": None, "dates": ["2026-03-01", "2026-02-01T06:00:00+02:00"]},
    ],
)
def test_the_preview_is_byte_for_byte_what_is_made(http: httpx.Client, flow: str, more: dict[str, Any]) -> None:
    body = days(flow, **more)
    preview = http.post(f"{BACKFILLS}/preview", json=body)
    made = http.post(BACKFILLS, json=body)
    assert made.status_code == 201, made.text
    assert cut_items(http.get(f"{BACKFILLS}/{made.json()['id']}/instances")) == cut_items(preview)
    assert len(preview.json()["items"]) > 1
    runs = http.get("/api/v1/runs", params={"origin": f"backfills/{made.json()['id']}"}).json()["items"]
    assert {(run["driver"], run["state"]) for run in runs} == {("backfill", "queued")}


def test_a_date_that_is_queued_is_never_made_twice(http: httpx.Client, flow: str) -> None:
    http.post(BACKFILLS, json=days(flow, last="2026-01-02"))
    preview = http.post(f"{BACKFILLS}/preview", json=days(flow, which="all")).json()
    assert [one["logical_date"][:10] for one in preview["items"]] == ["2026-01-03", "2026-01-04", "2026-01-05"]
    assert all("is queued for it" in one["reason"] for one in preview["left_out"])
    again = http.post(BACKFILLS, json=days(flow, last="2026-01-02", which="all"))
    assert (again.status_code, "at least one date" in again.text) == (422, True)


def test_pause_resume_and_cancel_hold_at_once(http: httpx.Client, server: Server, flow: str) -> None:
    made = http.post(BACKFILLS, json=days(flow, concurrency=2)).json()
    path, key = f"{BACKFILLS}/{made['id']}", f"backfills/{made['id']}"
    limits = server.parts.catalog.limits
    assert (made["state"], made["runs"], made["is_over"]) == ("open", {"queued": 5}, False)
    assert http.post(f"{path}/pause").json()["state"] == "paused"
    assert limits.find_limit(key).is_paused  # type: ignore[union-attr]
    assert http.post(f"{path}/resume").json()["state"] == "open"
    assert http.patch(path, json={"concurrency": 4}).json()["concurrency"] == 4
    assert limits.find_limit(key).most == 4  # type: ignore[union-attr]
    cancelled = http.post(f"{path}/cancel").json()
    assert (cancelled["runs"], cancelled["is_over"]) == ({"cancelled": 5}, True)
    for word in ("pause", "resume", "cancel"):
        assert http.post(f"{path}/{word}").status_code == 409


def test_a_node_is_done_again_over_the_dates_that_have_runs(http: httpx.Client, server: Server, flow: str) -> None:
    made = http.post(BACKFILLS, json=days(flow, params={"epochs": 7})).json()
    for run in server.parts.catalog.held.look(1000).first:
        if run.flow == flow:
            server.parts.catalog.held.end_held(run.id, RunState.FAILED, run.created)
    again = http.post(
        BACKFILLS, json={"flow": flow, "first": "2026-01-02", "last": "2026-01-03T12:00", "from_node": "cnn"}
    )
    assert again.status_code == 201, again.text
    items = http.get(f"{BACKFILLS}/{again.json()['id']}/instances").json()["items"]
    assert [(one["logical_date"][:10], one["selection"], one["params"]) for one in items] == [
        (f"2026-01-0{day}", {"from": "cnn"}, {"epochs": 7}) for day in (2, 3)
    ]
    assert made["id"] != again.json()["id"]


def test_without_a_step_the_schedule_of_the_flow_is_gone_by(http: httpx.Client, flow: str) -> None:
    refused = http.post(f"{BACKFILLS}/preview", json=days(flow, step=None))
    assert (refused.status_code, "one schedule of the flow" in refused.text) == (422, True)
    http.post("/api/v1/schedules", json={"name": flow, "flow": flow, "cron": "0 6 * * MON", "zone": "Asia/Kolkata"})
    items = http.post(f"{BACKFILLS}/preview", json=days(flow, step=None, last="2026-01-20")).json()["items"]
    assert [one["logical_date"] for one in items] == [f"2026-01-{day}T00:30:00Z" for day in ("05", "12", "19")]


@pytest.mark.parametrize(
    ("more", "status", "sentence"),
    [
        ({"step": "1s", "last": "2026-04-27"}, 422, "at most 20000 dates in one backfill, got 10022401"),
        ({"step": "* * * * *", "last": "2046-01-01"}, 422, "divide the range"),
        ({"step": "0 0 30 2 *"}, 422, "at most 29 days"),
        ({"step": "0 0 * * *", "zone": "Europe/Wien"}, 422, "zone"),
        ({"zone": "Europe/Vienna"}, 422, "zone: expected a cron line"),
        ({"step": "0s"}, 422, "step"),
        ({"step": "daily"}, 422, "step"),
        ({"last": "2025-01-01"}, 422, "not before"),
        ({"last": None}, 422, "first and last, or dates"),
        ({"dates": ["2026-01-01"]}, 422, "either dates or first and last"),
        ({"first": "yesterday"}, 422, "first: expected an ISO 8601"),
        ({"from_node": "cn"}, 404, "did you mean cnn?"),
        ({"from_node": "cnn", "which": "missing"}, 422, "all beside from_node"),
        ({"params": {"epoch": 3}}, 422, "epochs"),
        ({"concurrency": 0}, 422, "concurrency"),
        ({"flow": "nothing-here"}, 404, "no flow nothing-here"),
        ({"which": "some"}, 422, "missing"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    http: httpx.Client, flow: str, more: dict[str, Any], status: int, sentence: str
) -> None:
    for path in (f"{BACKFILLS}/preview", BACKFILLS):
        answer = http.post(path, json=days(flow, **more))
        assert (answer.status_code, sentence in answer.text) == (status, True), answer.text
    assert http.get(BACKFILLS, params={"flow": flow}).json()["items"] == []
