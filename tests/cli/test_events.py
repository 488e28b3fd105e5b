"""`dix runs events`."""

from __future__ import annotations

import threading

import pytest

from dix.records.states import RunState, StepState
from tests.api.server import Server
from tests.cli.conftest import Dix


@pytest.fixture
def run(dix: Dix, server: Server, flow_file: str) -> str:
    run = dix("run", flow_file).out.strip()
    server.engine.move(run, RunState.RUNNING)
    server.engine.move_step(run, "cnn", StepState.WAITING, attempt=1, reason="no slot")
    return run


def test_events_of_a_run_and_of_all_are_tables(dix: Dix, run: str) -> None:
    of_run = dix("runs", "events", run)
    assert of_run.code == 0
    assert [line.split()[2:] for line in of_run.out.splitlines()[1:]] == [
        ["0", "running"],
        ["cnn", "1", "waiting", "reason=no", "slot"],
    ]
    number = of_run.out.splitlines()[1].split()[0]
    assert len(dix("runs", "events", run, "--after", number).out.splitlines()) == 2
    of_all = dix("runs", "events", "--after", str(int(number) - 1))
    assert of_all.out.splitlines()[1].split()[2] == run
    said = dix("runs", "events", "--limit", "1")
    assert "there are more: --after " in said.err


def test_following_a_run_ends_with_it(dix: Dix, server: Server, run: str) -> None:
    timer = threading.Timer(0.3, server.engine.move, (run, RunState.SUCCEEDED))
    timer.start()
    said = dix("runs", "events", run, "--follow")
    timer.join()
    lines = [line.split(maxsplit=2)[2] for line in said.out.splitlines()]
    assert lines == [f"{run} running", f"{run}.cnn#1 waiting: reason=no slot", f"{run} succeeded"]
    items = dix("runs", "events", run, "--follow", "--json").json()["items"]
    assert [item["kind"] for item in items] == ["running", "waiting", "succeeded"]
    assert items[0]["at"].endswith("Z")


def test_following_all_runs_has_no_end_that_json_could_have(dix: Dix) -> None:
    said = dix("runs", "events", "--follow", "--json")
    assert said.code == 2
    assert "--json: expected a list that ends" in said.err
