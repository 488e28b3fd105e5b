"""Events over HTTP: from any number on, of one run and of all, at once or as soon as there are any."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import pytest

from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server


@pytest.fixture
def run(server: Server, http: httpx.Client) -> str:
    run: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    server.engine.move(run, RunState.RUNNING)
    server.engine.move_step(run, "cnn", StepState.RUNNING, attempt=1)
    return run


def test_events_come_in_order_and_go_on_after_a_number(http: httpx.Client, server: Server, run: str) -> None:
    server.engine.move(run, RunState.SUCCEEDED)
    answer = http.get(f"/api/v1/runs/{run}/events").json()
    events = answer["items"]
    assert [(event["node"], event["kind"]) for event in events] == [
        (None, "running"),
        ("cnn", "running"),
        (None, "succeeded"),
    ]
    assert all(event["at"].endswith("Z") for event in events)
    assert http.get("/api/v1/events/last").json()["seq"] == events[-1]["seq"]
    first = http.get(f"/api/v1/runs/{run}/events", params={"limit": 1}).json()
    rest = http.get(f"/api/v1/runs/{run}/events", params={"after": first["next_cursor"]}).json()
    assert first["items"] + rest["items"] == events
    assert rest["next_cursor"] is None


def test_events_of_all_runs_are_one_stream(http: httpx.Client, server: Server, run: str) -> None:
    last = http.get("/api/v1/events/last").json()["seq"]
    other: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    for one in (other, run):
        server.engine.move(one, RunState.CANCELLED)
    events = http.get("/api/v1/events", params={"after": last}).json()["items"]
    assert [(event["run"], event["kind"]) for event in events] == [(other, "cancelled"), (run, "cancelled")]


def test_a_follower_is_answered_as_soon_as_something_happens(http: httpx.Client, server: Server, run: str) -> None:
    last = http.get("/api/v1/events/last").json()["seq"]
    answers: list[Any] = []

    def follow(path: str) -> None:
        with server.open() as client:
            answers.append(client.get(path, params={"after": last, "wait": 20}, timeout=40).json())

    paths = ["/api/v1/events", f"/api/v1/runs/{run}/events"]
    followers = [threading.Thread(target=follow, args=(path,)) for path in paths]
    begun = time.monotonic()
    for follower in followers:
        follower.start()
    threading.Event().wait(0.3)
    assert not answers
    server.engine.move_step(run, "train_set", StepState.RUNNING, attempt=1)
    for follower in followers:
        follower.join(20)
    assert time.monotonic() - begun < 15
    assert [[event["node"] for event in answer["items"]] for answer in answers] == [["train_set"], ["train_set"]]


def test_a_follower_of_a_quiet_run_hears_nothing_of_others(http: httpx.Client, server: Server, run: str) -> None:
    last = http.get("/api/v1/events/last").json()["seq"]
    other: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    timer = threading.Timer(0.2, server.engine.move, (other, RunState.CANCELLED))
    timer.start()
    answer = http.get(f"/api/v1/runs/{run}/events", params={"after": last, "wait": 1}).json()
    timer.join()
    assert answer["items"] == []


def test_nobody_waits_for_a_run_that_is_over(http: httpx.Client, server: Server, run: str) -> None:
    server.engine.move(run, RunState.SUCCEEDED)
    last = http.get("/api/v1/events/last").json()["seq"]
    begun = time.monotonic()
    assert http.get(f"/api/v1/runs/{run}/events", params={"after": last, "wait": 30}, timeout=40).json()["items"] == []
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("query", [{"after": -1}, {"wait": 31}, {"wait": "long"}, {"limit": 0}])
def test_what_cannot_be_asked_is_refused(http: httpx.Client, query: dict[str, Any]) -> None:
    assert http.get("/api/v1/events", params=query).status_code == 422


def test_an_unknown_run_is_not_found(http: httpx.Client) -> None:
    assert http.get("/api/v1/runs/r9/events", params={"wait": 30}).status_code == 404
