"""Server-sent events: each thing once, in order, as it comes, whoever was cut off in between."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dix.api import streams
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server

Message = dict[str, Any]


@pytest.fixture
def run(server: Server, http: httpx.Client) -> str:
    run: str = http.post("/api/v1/runs", json={"text": FLOW}).json()["id"]
    server.engine.move(run, RunState.RUNNING)
    return run


def read_messages(answer: httpx.Response) -> Iterator[Message]:
    """Messages as an EventSource understands them; a comment comes as `{"comment": text}`."""
    message: Message = {}
    for line in answer.iter_lines():
        if not line:
            if message:
                yield message
            message = {}
        elif line.startswith(":"):
            yield {"comment": line[1:].strip()}
        else:
            field, _, value = line.partition(": ")
            message[field] = json.loads(value) if field == "data" else value


def follow(http: httpx.Client, path: str, last: str | None = None, **query: Any) -> Iterator[Message]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with http.stream("GET", f"/api/v1/{path}", params=query, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield from (message for message in read_messages(answer) if "comment" not in message)


def test_events_come_as_they_happen_and_the_stream_ends_with_the_run(
    http: httpx.Client, server: Server, run: str
) -> None:
    stream = follow(http, f"runs/{run}/events")
    assert next(stream)["data"]["kind"] == "running"
    server.engine.move_step(run, "cnn", StepState.RUNNING, attempt=1)
    second = next(stream)
    assert (second["data"]["node"], second["id"]) == ("cnn", str(second["data"]["seq"]))
    server.engine.move(run, RunState.SUCCEEDED)
    assert [message.get("event", message["data"].get("kind")) for message in stream] == ["succeeded", "end"]
    again = list(follow(http, f"runs/{run}/events", second["id"]))
    assert [message["data"].get("kind") for message in again] == ["succeeded", None]


def test_who_is_cut_off_all_the_time_misses_nothing_and_gets_nothing_twice(
    http: httpx.Client, server: Server, run: str
) -> None:
    def work() -> None:
        for number in range(1, 41):
            state = StepState.RUNNING if number % 2 else StepState.WAITING
            server.engine.move_step(run, "cnn", state, attempt=(number + 1) // 2)
        server.engine.move(run, RunState.FAILED)

    worker = threading.Thread(target=work)
    worker.start()
    seen: list[int] = []
    is_over = False
    while not is_over:
        for count, message in enumerate(follow(http, f"runs/{run}/events", str(seen[-1]) if seen else None)):
            is_over = message.get("event") == "end"
            if is_over or count == 3:
                break
            seen.append(message["data"]["seq"])
    worker.join()
    whole = http.get(f"/api/v1/runs/{run}/events", params={"limit": 1000}).json()["items"]
    assert seen == [event["seq"] for event in whole]


def test_events_of_all_runs_are_followed_from_now_on(http: httpx.Client, server: Server, run: str) -> None:
    last = http.get("/api/v1/events/last").json()["seq"]
    stream = follow(http, "events", after=last)
    timer = threading.Timer(0.2, server.engine.move, (run, RunState.CANCELLED))
    timer.start()
    assert next(stream)["data"]["run"] == run
    timer.join()


def test_numbers_come_in_the_order_in_which_they_were_reported(http: httpx.Client, server: Server, run: str) -> None:
    telemetry = server.parts.catalog.telemetry
    telemetry.add_metrics((MetricPoint(run, "cnn", 1, "loss", 1, float("nan"), now()),))
    stream = follow(http, f"runs/{run}/metrics", name="loss")
    first = next(stream)
    assert (first["data"]["position"], first["data"]["value"]) == (1, "NaN")
    telemetry.add_metrics((MetricPoint(run, "cnn", 1, "acc", 2, 0.5, now()),))
    telemetry.add_metrics((MetricPoint(run, "cnn", 1, "loss", 2, 0.25, now()),))
    assert next(stream)["data"]["value"] == 0.25
    server.engine.move(run, RunState.SUCCEEDED)
    assert [message["event"] for message in stream] == ["end"]
    assert [message["data"].get("position") for message in follow(http, f"runs/{run}/metrics", first["id"])] == [
        2,
        2,
        None,
    ]


def test_lines_come_in_pages_and_go_on_after_any_of_them(http: httpx.Client, server: Server, run: str) -> None:
    server.engine.lines = [LogLine("cnn", 1, now(), "out", f"line {number}", number) for number in (1, 2, 3)]
    stream = follow(http, f"runs/{run}/logs")
    first = next(stream)
    assert [line["line"] for line in first["data"]["items"]] == [1, 2]
    assert [line["line"] for line in next(stream)["data"]["items"]] == [3]
    server.engine.lines.append(LogLine("cnn", 1, now(), "err", "line 4\nid: 9\n\n", 4))
    assert [line["text"] for line in next(stream)["data"]["items"]] == ["line 4\nid: 9\n\n"]
    server.engine.move(run, RunState.SUCCEEDED)
    assert [message["event"] for message in stream] == ["end"]
    rest = list(follow(http, f"runs/{run}/logs", first["id"]))
    assert [line["line"] for message in rest[:-1] for line in message["data"]["items"]] == [3, 4]
    assert [message.get("event") for message in follow(http, f"runs/{run}/logs", rest[-2]["id"])] == ["end"]
    server.engine.lines = []


def test_a_quiet_stream_says_that_it_is_alive(http: httpx.Client, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "KEEP_ALIVE_S", 0.1)
    headers = {"Accept": "text/event-stream"}
    last = http.get("/api/v1/events/last").json()["seq"]
    with http.stream("GET", f"/api/v1/runs/{run}/events", params={"after": last}, headers=headers) as answer:
        messages = read_messages(answer)
        assert [next(messages)["comment"] for _ in range(3)] == ["here", "nothing new", "nothing new"]


@pytest.mark.parametrize(
    ("path", "last", "status"),
    [("runs/r9/events", "1", 404), ("runs/r9/logs", "1", 404), ("events", "x", 422), ("events", "9" * 30, 422)],
)
def test_what_cannot_be_followed_is_refused_with_a_problem(
    http: httpx.Client, path: str, last: str, status: int
) -> None:
    answer = http.get(f"/api/v1/{path}", headers={"Accept": "text/event-stream", "Last-Event-ID": last})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
