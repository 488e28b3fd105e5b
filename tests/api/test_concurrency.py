"""How many runs may go at once, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from dix.engine.base import RunOrder
from dix.names import make_run_id
from dix.records.states import Driver
from tests.api.server import FLOW, Server


@pytest.fixture
def flow(http: httpx.Client) -> Iterator[str]:
    http.post("/api/v1/flows", json={"text": FLOW})
    yield "digits"
    http.patch("/api/v1/flows/digits/concurrency", json=dict.fromkeys(Driver))


def test_each_driver_of_a_flow_has_its_own_number(http: httpx.Client, server: Server, flow: str) -> None:
    path = f"/api/v1/flows/{flow}/concurrency"
    nothing = dict.fromkeys(("manual", "timed", "backfill", "parameter"))
    assert http.get(path).json() == nothing
    rereads = server.engine.rereads
    assert http.patch(path, json={"timed": 1, "backfill": 4}).json() == {**nothing, "timed": 1, "backfill": 4}
    assert server.engine.rereads == rereads + 1, "whoever owns runs was not told"
    assert http.patch(path, json={"timed": None}).json() == {**nothing, "backfill": 4}
    assert http.get(path).json() == {**nothing, "backfill": 4}


@pytest.mark.parametrize("body", [{"timed": 0}, {"timed": 1.5}, {"timed": "2"}, {"hourly": 1}, {"timed": 10**9}])
def test_a_number_that_cannot_be_is_refused(http: httpx.Client, flow: str, body: dict[str, object]) -> None:
    assert http.patch(f"/api/v1/flows/{flow}/concurrency", json=body).status_code == 422


def test_a_pool_is_made_changed_and_deleted(http: httpx.Client, flow: str) -> None:
    path = "/api/v1/pools/cards"
    assert http.put(path, json={"most": 2, "flows": [flow]}).json() == {"name": "cards", "most": 2, "flows": [flow]}
    assert http.put(path, json={"most": 3, "flows": [flow, flow]}).json()["most"] == 3
    assert http.get("/api/v1/pools").json()["items"] == [{"name": "cards", "most": 3, "flows": [flow]}]
    problem = http.get("/api/v1/pools/card").json()
    assert problem["detail"] == "no pool card; did you mean cards?"
    assert http.put("/api/v1/pools/b", json={"most": 3, "flows": ["digit"]}).status_code == 404
    assert http.put("/api/v1/pools/B!", json={"most": 3, "flows": [flow]}).status_code == 422
    assert http.delete(path).status_code == 204
    assert http.delete(path).status_code == 404


def test_held_runs_are_listed_edited_and_say_what_has_made_them(http: httpx.Client, server: Server, flow: str) -> None:
    order = RunOrder(flow, driver=Driver.PARAMETER, origin=f"sweeps/{make_run_id()}", place=3)
    (run,) = server.engine.hold_runs([order])
    found = http.get("/api/v1/runs", params={"origin": order.origin, "held": True}).json()["items"]
    assert [(one["id"], one["place"], one["driver"]) for one in found] == [(run.id, 3, "parameter")]
    assert http.get("/api/v1/runs", params={"origin": order.origin, "held": False}).json()["items"] == []
    edited = http.patch(f"/api/v1/runs/{run.id}", json={"params": {"epochs": 9}, "place": 1}).json()
    assert (edited["params"], edited["place"], edited["held"], edited["steps"]) == ({"epochs": 9}, 1, True, [])
    assert http.patch(f"/api/v1/runs/{run.id}", json={}).status_code == 422


def test_a_run_that_is_held_no_more_cannot_be_edited(http: httpx.Client, flow: str) -> None:
    run = http.post("/api/v1/runs", json={"flow": flow}).json()["id"]
    answer = http.patch(f"/api/v1/runs/{run}", json={"place": 1})
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"run {run} is held no more, so it cannot be edited"
