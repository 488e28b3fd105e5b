"""`dix runs attempts`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dix.records.attempt import Allocated, Used
from tests.api.server import Server
from tests.cli.conftest import Dix


@pytest.fixture
def run(dix: Dix, flow_file: str) -> str:
    return dix("run", flow_file).out.strip()


def test_attempts_are_listed_with_what_they_held_and_used(dix: Dix, server: Server, run: str) -> None:
    begun = datetime(2026, 5, 17, 12, tzinfo=UTC)
    held, used = Allocated(2.0, 0.5, "A10", 2**31), Used(90.25, 2**29, 0.5)
    facts = {"allocated": held, "used": used, "error": "its worker is gone", "machine": "node-1"}
    server.engine.try_step(run, "cnn", begun, begun + timedelta(seconds=90), **facts)
    server.engine.try_step(run, "cnn", begun + timedelta(hours=1))
    said = dix("runs", "attempts", run, "--node", "cnn")
    assert said.code == 0
    _header, first, second = said.out.splitlines()
    assert "2 cpu, 0.5 A10, 2 GiB" in first
    assert "90.2 cpu s, 0.5 GiB, 50% gpu" in first
    assert "0:01:30" in first
    assert "its worker is gone" in first
    assert "running" in second
    document = dix("runs", "attempts", run, "--json").json()
    assert [item["attempt"] for item in document["items"]] == [1, 2]
    assert "nothing has been tried yet" in dix("runs", "attempts", run, "--node", "train_set").err
