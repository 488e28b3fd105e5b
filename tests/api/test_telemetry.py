"""What runs tell of themselves, over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.moments import now
from dix.records.states import StepState
from tests.api.server import FLOW, Server


@pytest.fixture(scope="module")
def run(server: Server) -> str:
    with server.open() as http:
        run: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    server.engine.move_step(run, "cnn", StepState.RUNNING, attempt=1)
    points = [MetricPoint(run, "cnn", 1, "loss", epoch, 1 / epoch, now()) for epoch in (1, 2)]
    points.append(MetricPoint(run, "cnn", 1, "norm", 1, float("inf"), now()))
    server.parts.catalog.telemetry.add_metrics(tuple(points))
    server.engine.lines = [
        LogLine("cnn", 1 + index // 6, now(), "stdout", f"Line {index}", index + 1) for index in range(8)
    ]
    server.engine.finish(run)
    return run


def test_metrics_are_found_by_node_and_name(http: httpx.Client, run: str) -> None:
    items = http.get(f"/api/v1/runs/{run}/metrics", params={"name": "loss"}).json()["items"]
    assert [(item["position"], item["value"]) for item in items] == [(1, 1.0), (2, 0.5)]
    assert http.get(f"/api/v1/runs/{run}/metrics", params={"node": "train_set"}).json()["items"] == []
    (norm,) = http.get(f"/api/v1/runs/{run}/metrics", params={"name": "norm"}).json()["items"]
    assert norm["value"] == "Infinity"


def test_logs_come_page_by_page_and_can_be_searched(http: httpx.Client, run: str) -> None:
    texts: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = http.get(f"/api/v1/runs/{run}/logs", params=query).json()
        texts += [line["text"] for line in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {"cursor": page["next_cursor"]}
    assert texts == [f"Line {index}" for index in range(8)]
    found: list[tuple[str, int]] = []
    query = {"search": "lINE 7"}
    while query.get("cursor", "") is not None:
        page = http.get(f"/api/v1/runs/{run}/logs", params=query).json()
        found += [(line["text"], line["line"]) for line in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert found == [("Line 7", 8)]
    second = http.get(f"/api/v1/runs/{run}/logs", params={"attempt": 2}).json()
    assert [line["text"] for line in second["items"]] == ["Line 6", "Line 7"]
    assert http.get(f"/api/v1/runs/{run}/logs", params={"attempt": 0}).status_code == 422
