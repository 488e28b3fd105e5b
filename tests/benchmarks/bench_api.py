"""The API of a whole installation with a long history: lists, starts of runs, and events on their way to a follower.

`python -m tests.benchmarks.bench_api [--runs 100000]`. The client shares the processors with the server.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx

from dix.catalog.direct import DirectCatalog
from tests.benchmarks.bench_catalog import fill
from tests.boot.house import House

FLOW = "dix: 1\nname: bench\ndefaults: {cache: false}\nnodes:\n  a: {kind: algorithm, algorithm: noop}\n"
LISTS = {
    "GET /runs": {},
    "GET /runs, without steps": {"steps": False},
    "GET /runs, of a flow": {"flow": "flow-7"},
    "GET /runs, by flow and time": {"sort": "flow,-created"},
    "GET /runs, with a text": {"search": "flow-77"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args()
    house = House()
    try:
        path = house.home / "catalog.duckdb"
        DirectCatalog(path).close()
        fill(path, asked.runs)
        up = house.dix("up", *house.ports())
        if up.returncode:
            sys.exit(up.stdout + up.stderr)
        measure_lists(house, asked.clients, asked.seconds)
        measure_starts(house)
        measure_events(house)
    finally:
        house.close()


def connect(house: House) -> httpx.Client:
    token = (house.home / "token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(
        base_url=f"http://127.0.0.1:{house.api_port}/api/v1", headers=headers, trust_env=False, timeout=60
    )


def measure_lists(house: House, clients: int, seconds: float) -> None:
    with connect(house) as http:
        for name, query in LISTS.items():
            times = repeat(lambda query=query: http.get("/runs", params=query).raise_for_status(), 60)
            print(f"{name}: p50 {1e3 * statistics.median(times):.1f} ms, slowest of 60 {1e3 * max(times):.0f} ms")
    limit = time.monotonic() + seconds

    def ask_on(_client: int) -> int:
        count = 0
        with connect(house) as http:
            while time.monotonic() < limit:
                http.get("/runs").raise_for_status()
                count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        total = sum(pool.map(ask_on, range(clients)))
    print(f"GET /runs, {clients} clients: {total / seconds:.0f} requests/s")


def measure_starts(house: House) -> None:
    """From the acceptance of a run until its first step begins, warm, and what the caller waits for the answer."""
    begins, answers = [], []
    with connect(house) as http:
        for number in range(25):
            began = time.perf_counter()
            run = http.post("/runs", json={"text": FLOW}).raise_for_status().json()["id"]
            answers.append(time.perf_counter() - began)
            found = wait_until_over(http, run)
            if number >= 5:
                begins.append(read(found["steps"][0]["started"]) - read(found["created"]))
    print(
        f"start of a run until its first step begins: p50 {1e3 * statistics.median(begins):.0f} ms, "
        f"slowest {1e3 * max(begins):.0f} ms; answer to the caller p50 {1e3 * statistics.median(answers):.0f} ms"
    )


def measure_events(house: House) -> None:
    """From the moment in which an event is written down until a follower has it, through the proxy in front."""
    delays: list[float] = []
    with connect(house) as http:
        last = http.get("/events/last").json()["seq"]
        starter = threading.Thread(target=start_some, args=(house, 10))
        starter.start()
        headers = {"Accept": "text/event-stream"}
        with http.stream("GET", "/events", params={"after": last}, headers=headers) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    delays.append(time.time() - read(json.loads(line[6:])["at"]))
                if len(delays) == 30:
                    break
        starter.join()
    print(f"an event reaches a follower after {1e3 * statistics.median(delays):.0f} ms (p50 of 30)")


def start_some(house: House, count: int) -> None:
    with connect(house) as http:
        for _ in range(count):
            wait_until_over(http, http.post("/runs", json={"text": FLOW}).raise_for_status().json()["id"])


def wait_until_over(http: httpx.Client, run: str) -> dict:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found: dict = http.get(f"/runs/{run}").json()
        if found["ended"]:
            return found
        time.sleep(0.02)
    raise SystemExit(f"run {run} does not end")


def read(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def repeat(work: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
