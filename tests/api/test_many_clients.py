"""Fifty clients create and edit at once: nothing is lost, no version is skipped or doubled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import yaml

from tests.api.server import FLOW, Server

CLIENTS = 50
EDITS = 2


def edit_shared(http: httpx.Client, number: int) -> int:
    """Add this client's parameter to the flow that all edit; begins anew when somebody else was faster."""
    tries = 0
    while True:
        tries += 1
        read = http.get("/api/v1/flows/crowd")
        text = read.json()["text"].replace("params: {", f"params: {{p{number}: {tries}, ", 1)
        answer = http.post("/api/v1/flows", json={"text": text}, headers={"If-Match": read.headers["ETag"]})
        if answer.status_code == 201:
            return int(answer.json()["version"])
        assert answer.status_code == 412, answer.text


def work(server: Server, number: int, ready: threading.Barrier) -> tuple[list[int], int, str]:
    with server.open() as http:
        http.timeout = httpx.Timeout(60)
        ready.wait(60)
        own = [
            http.post("/api/v1/flows", json={"text": make_text(f"own-{number}", epochs)}).json()["version"]
            for epochs in range(1, EDITS + 1)
        ]
        sent = {"flow": f"own-{number}", "params": {"epochs": number + 1}}
        keyed = {"Idempotency-Key": f"many-{number}"}
        runs = {http.post("/api/v1/runs", json=sent, headers=keyed).json()["id"] for _twice in range(2)}
        assert len(runs) == 1
        return own, edit_shared(http, number), runs.pop()


def make_text(name: str, epochs: int) -> str:
    return FLOW.replace("name: digits", f"name: {name}").replace("epochs: 3", f"epochs: {epochs}")


def test_nothing_is_lost_and_no_version_is_skipped_or_doubled(http: httpx.Client, server: Server) -> None:
    http.post("/api/v1/flows", json={"text": make_text("crowd", 3)}).raise_for_status()
    ready = threading.Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(lambda number: work(server, number, ready), range(CLIENTS)))
    assert [own for own, _shared, _run in done] == [list(range(1, EDITS + 1))] * CLIENTS
    assert sorted(shared for _own, shared, _run in done) == list(range(2, CLIENTS + 2))
    latest = yaml.safe_load(http.get("/api/v1/flows/crowd").json()["text"])
    assert latest["params"].keys() == {"epochs", *(f"p{number}" for number in range(CLIENTS))}
    versions = http.get("/api/v1/flows/crowd/versions").json()["items"]
    assert [version["version"] for version in versions] == list(range(CLIENTS + 1, 0, -1))
    runs = http.get("/api/v1/runs", params={"limit": 1000, "steps": False}).json()["items"]
    assert sorted(run["id"] for run in runs) == sorted(run for _own, _shared, run in done)
    assert {run["params"]["epochs"] for run in runs} == set(range(1, CLIENTS + 1))
