"""Runs from Python."""

from __future__ import annotations

import math
import threading
from datetime import UTC, date, datetime

import httpx
import pytest

from dix.client import runs as runs_module
from dix.client.connection import Client
from dix.client.run import ClientRun
from dix.client.wire import Wire
from dix.errors import BadDocument, BadValue, Conflict, NotFound, RunEnded, Unreachable
from dix.records.attempt import Allocated, Used
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.api.server import FLOW, Server
from tests.client.test_building import make_flow


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "LOOK_S", 0.01)
    monkeypatch.setattr(runs_module, "FIRST_LOOK_S", 0.01)


@pytest.fixture
def run(client: Client) -> ClientRun:
    return client.runs.start(FLOW, {"epochs": 2})


def test_a_run_is_started_from_a_text_a_flow_or_a_name(client: Client, run: ClientRun) -> None:
    assert (run.flow, run.state, run.params) == ("digits", RunState.QUEUED, {"epochs": 2})
    assert run.created.tzinfo is not None
    assert [step.node for step in run.steps] == ["train_set", "cnn"]
    assert len(client.runs.start(make_flow()).steps) == 4
    named = client.runs.start("digits", version=1, date=date(2026, 1, 31), selection={"to": "cnn"})
    assert named.logical_date == datetime(2026, 1, 31, tzinfo=UTC)
    assert (named.flow_version, named.selection) == (1, {"to": "cnn"})
    assert client.runs.get(run.id) == run


def test_errors_are_the_servers_own(client: Client, run: ClientRun) -> None:
    with pytest.raises(NotFound, match="digits"):
        client.runs.start("digitz")
    with pytest.raises(BadDocument) as told:
        client.runs.start("dix: 1\nname: x\nnods: {}\n")
    assert {problem.nearest for problem in told.value.problems} >= {"nodes"}
    with pytest.raises(BadValue):
        client.runs.start(FLOW, {"rate": float("nan")})
    with pytest.raises(BadValue):
        client.runs.start(FLOW, {"rate": object()})
    with pytest.raises(Conflict):
        run.retry()


def test_waiting_sees_each_change_and_returns_the_end(server: Server, run: ClientRun) -> None:
    seen: list[RunState] = []

    def look(now: ClientRun) -> None:
        seen.append(now.state)
        if now.state is RunState.QUEUED:
            server.engine.move(run.id, RunState.RUNNING)
        elif now.state is RunState.RUNNING:
            server.engine.move(run.id, RunState.SUCCEEDED)

    over = run.wait(timeout_s=20, on_change=look)
    assert over.state is RunState.SUCCEEDED
    assert over.is_over
    assert seen == [RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED]


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED])
def test_waiting_for_a_bad_end_raises(server: Server, run: ClientRun, state: RunState) -> None:
    server.engine.finish(run.id, state, "too hot")
    with pytest.raises(RunEnded) as told:
        run.wait()
    assert told.value.args == (run.id, state.value, "too hot")


def test_waiting_has_a_limit_and_the_run_goes_on(run: ClientRun) -> None:
    with pytest.raises(TimeoutError, match="goes on"):
        run.wait(timeout_s=0)
    assert not run.refresh().is_over


def test_waiting_outlives_a_server_that_is_silent_for_a_while(server: Server, run: ClientRun) -> None:
    server.engine.finish(run.id)
    calls = iter([httpx.ConnectError("gone"), httpx.ReadTimeout("slow")])

    def answer(request: httpx.Request) -> httpx.Response:
        for error in calls:
            raise error
        with server.open() as http:
            return http.get(request.url.path)

    http = httpx.Client(base_url=server.url, transport=httpx.MockTransport(answer))
    views = list(Client(Wire(http)).runs.watch(run.id))
    assert [view.state for view in views] == [RunState.SUCCEEDED]


def test_waiting_gives_up_on_a_server_that_stays_silent(run: ClientRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "PATIENCE_S", 0.05)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    silent = Client(Wire(httpx.Client(base_url="http://silent", transport=httpx.MockTransport(refuse))))
    with pytest.raises(Unreachable):
        list(silent.runs.watch(run.id))


def test_numbers_come_back_as_numbers(client: Client, server: Server, run: ClientRun) -> None:
    metrics = {"loss": math.nan, "best": -math.inf, "note": "fine"}
    server.engine.move_step(run.id, "cnn", StepState.RUNNING, attempt=1, progress=0.5, metrics=metrics)
    step = run.refresh().step("cnn")
    assert math.isnan(step.metrics["loss"])
    with pytest.raises(NotFound, match="did you mean cnn"):
        run.step("cnm")
    assert (step.metrics["best"], step.metrics["note"], step.progress) == (-math.inf, "fine", 0.5)
    point = MetricPoint(run.id, "cnn", 1, "loss", 1, math.inf, now())
    server.parts.catalog.telemetry.add_metrics((point,))
    assert run.metrics("cnn", "loss") == (point,)


def test_logs_and_events_are_read_to_the_end(client: Client, server: Server, run: ClientRun) -> None:
    server.engine.lines = [LogLine("cnn", 1, now(), "stdout", f"line {index}") for index in range(5)]
    assert [line.text for line in run.logs()] == [f"line {index}" for index in range(5)]
    assert list(run.logs("train_set")) == []
    following = run.logs(follow=True)
    assert next(following).text == "line 0"
    server.engine.finish(run.id)
    assert [line.text for line in following] == [f"line {index}" for index in range(1, 5)]
    kinds = [event.kind for event in client.runs.events(run.id)]
    assert kinds[-2:] == ["running", "succeeded"]


def test_runs_are_listed_and_filtered(client: Client, server: Server, run: ClientRun) -> None:
    server.engine.finish(run.id, RunState.FAILED)
    page = client.runs.list("digits", state="failed", limit=1)
    assert [item.id for item in page.items] == [run.id]
    assert page.items[0].steps == ()


def test_cancel_and_retry(run: ClientRun) -> None:
    assert run.cancel().state is RunState.CANCELLED
    assert run.retry().retry_of == run.id
    assert run.retry({"epochs": 7}, flow_version="latest").retry_of == run.id


def test_an_id_is_one_part_of_the_path(client: Client) -> None:
    for name in ("../models", "a/b", "a?b", "%2e%2e", "名"):
        with pytest.raises(NotFound, match="run"):
            client.runs.get(name)


def test_attempts_come_back_as_records(client: Client, server: Server) -> None:
    run = client.runs.start(FLOW)
    begun = now()
    kept = server.engine.try_step(run.id, "cnn", begun, begun, allocated=Allocated(2.0, gpu_type="A10"), used=Used(1.5))
    assert client.runs.attempts(run.id) == run.attempts() == (kept,)
    assert client.runs.attempts(run.id, "train_set") == ()


def test_followers_begin_anywhere_and_hear_what_happens(client: Client, server: Server, run: ClientRun) -> None:
    everything = client.runs.all_events(follow=True)
    heard: list[Event] = []
    thread = threading.Thread(target=lambda: heard.append(next(everything)))
    thread.start()
    while not thread.is_alive():
        pass
    threading.Event().wait(0.3)
    server.engine.finish(run.id)
    thread.join(20)
    of_run = list(client.runs.events(run.id, follow=True))
    assert [event.kind for event in of_run] == ["running", "succeeded"]
    assert heard == of_run[:1]
    assert list(client.runs.all_events(of_run[0].seq)) == of_run[1:]
    assert list(run.events()) == of_run


def test_an_estimate_comes_back_as_a_record(client: Client) -> None:
    estimate = client.runs.estimate(FLOW, {"epochs": 5}, date=date(2026, 1, 31))
    assert (estimate.seconds, estimate.cost, estimate.unknown) == (90.0, 1.5, ("cnn",))
    assert estimate.nodes[0].attempts == 3


def test_numbers_are_followed_until_the_run_is_over(client: Client, server: Server, run: ClientRun) -> None:
    telemetry = server.parts.catalog.telemetry

    def report(*epochs: int) -> None:
        telemetry.add_metrics(tuple(MetricPoint(run.id, "cnn", 1, "loss", epoch, 1 / epoch, now()) for epoch in epochs))

    report(1, 2)
    points = client.runs.follow_metrics(run.id)
    assert [next(points).position for _ in range(2)] == [1, 2]
    report(3)
    assert next(points).position == 3
    report(4)
    server.engine.finish(run.id)
    assert [point.position for point in points] == [4]
    assert len(client.runs.metrics(run.id, after=0)) == 4
