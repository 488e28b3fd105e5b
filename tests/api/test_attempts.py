"""Attempts over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dix.records.attempt import Allocated, AttemptOutcome, Used
from tests.api.server import FLOW, Server

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def run(server: Server) -> str:
    with server.open() as http:
        run: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    lost = {"outcome": AttemptOutcome.BROKEN, "error": "its worker is gone", "machine": "node-1"}
    server.engine.try_step(run, "cnn", NOON, NOON + timedelta(hours=1), allocated=Allocated(2.0, 1.0, "A10"), **lost)
    server.engine.try_step(run, "train_set", NOON, NOON + timedelta(seconds=1), used=Used(0.5, 2**20, None))
    server.engine.try_step(run, "cnn", NOON + timedelta(hours=2))
    return run


def test_every_attempt_is_told_and_one_goes_on(http: httpx.Client, run: str) -> None:
    items = http.get(f"/api/v1/runs/{run}/attempts").json()["items"]
    assert [(item["node"], item["attempt"], item["outcome"]) for item in items] == [
        ("cnn", 1, "broken"),
        ("train_set", 1, "failed"),
        ("cnn", 2, None),
    ]
    first, second, third = items
    assert (first["machine"], first["error"], first["ended"]) == (
        "node-1",
        "its worker is gone",
        "2026-05-17T13:00:00Z",
    )
    assert first["allocated"] == {"cpu": 2.0, "gpu": 1.0, "gpu_type": "A10", "memory_bytes": 0, "disk_bytes": None}
    assert second["used"] == {"cpu_s": 0.5, "peak_memory_bytes": 2**20, "gpu_utilisation": None}
    assert third["ended"] is None


def test_attempts_of_one_node_alone(http: httpx.Client, run: str) -> None:
    items = http.get(f"/api/v1/runs/{run}/attempts", params={"node": "cnn"}).json()["items"]
    assert [item["attempt"] for item in items] == [1, 2]
    missing = http.get(f"/api/v1/runs/{run}/attempts", params={"node": "cn"})
    assert missing.status_code == 404
    assert missing.json()["detail"] == "no node cn; did you mean cnn?"
    assert http.get("/api/v1/runs/r9/attempts").status_code == 404
