"""Runs over HTTP."""

from __future__ import annotations

import json

import httpx
import pytest

from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server

RUN_FIELDS = {
    *("id", "flow", "flow_version", "project", "state", "driver", "params", "logical_date", "created", "started"),
    *("ended", "reason", "error", "retry_of", "steps"),
}
STEP_FIELDS = {"node", "state", "attempt", "started", "ended", "reason", "error", "outputs", "metrics"}


@pytest.fixture
def run(http: httpx.Client) -> dict:
    answer = http.post("/api/v1/runs", json={"text": FLOW, "params": {"epochs": 2}})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_run_of_a_text_is_written_down(http: httpx.Client, run: dict) -> None:
    assert run.keys() >= RUN_FIELDS
    assert all(step.keys() >= STEP_FIELDS for step in run["steps"])
    assert [step["node"] for step in run["steps"]] == ["train_set", "cnn"]
    assert (run["state"], run["flow"], run["params"]) == ("queued", "digits", {"epochs": 2})
    assert run["created"].endswith("Z")
    assert run["started"] is None
    assert http.get(f"/api/v1/runs/{run['id']}").json() == run


def test_a_run_of_a_kept_flow_takes_its_project(http: httpx.Client, server: Server) -> None:
    text = FLOW.replace("name: digits", "name: letters")
    http.post("/api/v1/projects", json={"name": "vision"})
    assert http.post("/api/v1/flows", json={"text": text, "project": "vision"}).status_code == 201
    run = http.post("/api/v1/runs", json={"flow": "letters"}).json()
    assert run["project"] == "vision"
    assert server.engine.orders[-1].version == 1


def test_date_and_selection_reach_the_engine(http: httpx.Client, server: Server) -> None:
    http.post("/api/v1/runs", json={"text": FLOW, "date": "2026-01-31", "to": "cnn"}).raise_for_status()
    order = server.engine.orders[-1]
    assert order.selection == {"to": "cnn"}
    assert order.logical_date is not None
    assert order.logical_date.isoformat() == "2026-01-31T00:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "run"),
        ({"flow": "digits", "text": FLOW}, "run"),
        ({"text": FLOW, "version": 1}, "version"),
        ({"text": FLOW, "from": "cnn", "only": "cnn"}, "only"),
        ({"text": FLOW, "date": "yesterday"}, "date"),
        ({"text": FLOW, "date": "0001-01-01T00:00:00+14:00"}, "date"),
        ({"text": FLOW, "project": "Not A Name"}, "project name"),
        ({"text": FLOW, "version": 0}, "version"),
        ({"text": FLOW, "prams": {}}, "prams"),
        ({"text": 5}, "text"),
        ({"text": FLOW, "params": {"a": "\ud800"}}, "body"),
    ],
)
def test_a_bad_order_is_refused_with_the_field(http: httpx.Client, body: dict, field: str) -> None:
    answer = http.post("/api/v1/runs", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:dix:problem:bad-value"
    assert answer.json()["facts"]["field"] == field


def test_an_unknown_run_or_flow_is_not_found(http: httpx.Client) -> None:
    for path in ("", "/steps", "/events", "/logs", "/metrics"):
        answer = http.get(f"/api/v1/runs/r0{path}")
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "urn:dix:problem:not-found"
    assert http.post("/api/v1/runs", json={"flow": "nothing"}).status_code == 404


def test_a_list_has_steps_unless_it_is_told_not_to(http: httpx.Client, run: dict) -> None:
    whole = http.get("/api/v1/runs", params={"limit": 1}).json()
    assert whole["items"][0] == run
    assert whole["next_cursor"]
    brief = http.get("/api/v1/runs", params={"limit": 1, "steps": False}).json()
    assert brief["items"][0]["steps"] == []


def test_a_list_can_be_filtered_and_turned_page_by_page(http: httpx.Client, run: dict, server: Server) -> None:
    server.engine.finish(run["id"], RunState.FAILED, "too hot")
    failed = http.get("/api/v1/runs", params={"state": "failed", "flow": "digits", "driver": "manual"}).json()
    assert [item["id"] for item in failed["items"]] == [run["id"]]
    assert failed["items"][0]["error"] == "too hot"
    seen: list[str] = []
    cursor = None
    while True:
        page = http.get("/api/v1/runs", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 2
    assert http.get("/api/v1/runs", params={"state": "tired"}).status_code == 422
    assert http.get("/api/v1/runs", params={"limit": 0}).status_code == 422
    assert http.get("/api/v1/runs", params={"cursor": "mine"}).status_code == 422


def test_numbers_that_json_cannot_say_travel_as_words(http: httpx.Client, run: dict, server: Server) -> None:
    metrics = {"loss": float("nan"), "best": float("-inf"), "accuracy": 0.5}
    server.engine.move_step(run["id"], "cnn", StepState.RUNNING, attempt=1, metrics=metrics)
    step = http.get(f"/api/v1/runs/{run['id']}/steps").json()["items"][1]
    assert step["metrics"] == {"loss": "NaN", "best": "-Infinity", "accuracy": 0.5}


def test_a_run_is_cancelled_once_and_then_retried(http: httpx.Client, run: dict) -> None:
    assert http.post(f"/api/v1/runs/{run['id']}/retry").status_code == 409
    assert http.post(f"/api/v1/runs/{run['id']}/cancel").json()["state"] == "cancelled"
    again = http.post(f"/api/v1/runs/{run['id']}/cancel")
    assert again.status_code == 409
    assert again.json()["type"] == "urn:dix:problem:conflict"
    retried = http.post(f"/api/v1/runs/{run['id']}/retry")
    assert retried.status_code == 201
    assert retried.json()["retry_of"] == run["id"]


def test_a_priority_is_kept_and_changed_while_the_run_waits(http: httpx.Client, server: Server) -> None:
    run = http.post("/api/v1/runs", json={"text": FLOW, "priority": 5}).json()
    assert run["priority"] == 5
    assert http.patch(f"/api/v1/runs/{run['id']}", json={"priority": -3}).json()["priority"] == -3
    server.engine.finish(run["id"])
    answer = http.patch(f"/api/v1/runs/{run['id']}", json={"priority": 1})
    assert answer.status_code == 409


@pytest.mark.parametrize("priority", ["high", 1001, -1001, 1.5, None, True])
def test_a_wrong_priority_is_refused_with_a_sentence(http: httpx.Client, run: dict, priority: object) -> None:
    for answer in (
        http.post("/api/v1/runs", json={"text": FLOW, "priority": priority}),
        http.patch(f"/api/v1/runs/{run['id']}", json={"priority": priority}),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("priority: expected ")


def test_an_estimate_says_what_is_known_and_keeps_nothing(http: httpx.Client) -> None:
    text = FLOW.replace("name: digits", "name: never-kept")
    answer = http.post("/api/v1/runs/estimate", json={"text": text})
    assert answer.status_code == 200
    estimate = answer.json()
    assert (estimate["flow"], estimate["seconds"], estimate["unknown"]) == ("never-kept", 90.0, ["cnn"])
    assert [(node["node"], node["attempts"], node["note"]) for node in estimate["nodes"]] == [
        ("train_set", 3, None),
        ("cnn", 0, "no earlier run of node cnn"),
    ]
    assert http.get("/api/v1/flows/never-kept").status_code == 404
    assert http.post("/api/v1/runs/estimate", json={"flow": "nobody"}).status_code == 404
    assert http.post("/api/v1/runs/estimate", json={}).status_code == 422
