"""`dix usage`, as a table, JSON and CSV, and its prices."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dix.client.tags import Reading
from dix.client.wire import Wire
from dix.records.attempt import Allocated, Used
from dix.records.moments import now
from tests.api.server import FLOW, Server
from tests.cli.conftest import Dix

LATE = datetime(2026, 5, 17, 23, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _used(server: Server) -> None:
    with server.open() as http:
        for name in ("vision", "speech"):
            http.post("/api/v1/projects", json={"name": name})
        run = http.post("/api/v1/runs", json={"text": FLOW, "project": "vision"}).json()["id"]
        other = http.post("/api/v1/runs", json={"text": FLOW, "project": "speech"}).json()["id"]
    held = Allocated(2.0, 0.5, "H100", 2**30)
    server.engine.try_step(run, "cnn", LATE, LATE + timedelta(hours=2, seconds=1), allocated=held, used=Used(600.25))
    server.engine.try_step(other, "cnn", now(), None, allocated=Allocated(1.0))


def test_a_table_has_times_to_the_second_and_a_total(dix: Dix) -> None:
    said = dix("usage", "--by", "project", "--until", "2026-06-01")
    assert said.code == 0
    header, row = said.out.splitlines()
    assert header.split("  ")[0] == "PROJECT"
    assert "COST" not in header
    assert row.split() == ["vision", "1", "1", "2:00:01", "4:00:02", "1:00:00", "2:00:01", "0:10:00"]
    said = dix("usage", "--by", "day,flow")
    assert said.out.splitlines()[-1].startswith("total")
    assert "1 attempt goes on, counted up to now" in said.err
    until = ("--until", "2026-06-01")  # what goes on is counted up to the moment of asking
    assert dix("usage", *until).out == dix("usage", "--by", "project", *until).out != ""


def test_json_is_the_answer_and_csv_its_rows(dix: Dix) -> None:
    document = dix("usage", "--by", "day,project", "--until", "2026-06-01", "--json").json()
    assert [item["day"] for item in document["items"]] == ["2026-05-17", "2026-05-18"]
    rows = list(csv.DictReader(io.StringIO(dix("usage", "--by", "day,project", "--until", "2026-06-01", "--csv").out)))
    assert [row["day"] for row in rows] == ["2026-05-17", "2026-05-18"]
    assert sum(float(row["run_s"]) for row in rows) == 7201
    assert {row["user"] for row in rows} == {""}


def test_nothing_used_is_said(dix: Dix) -> None:
    said = dix("usage", "--since", "2099-01-01")
    assert (said.code, said.out) == (0, "")
    assert "nothing has run" in said.err


def test_prices_are_set_one_by_one_and_cleared(dix: Dix) -> None:
    assert "nothing has a price" in dix("usage", "prices", "show").err
    dix("usage", "prices", "set", "--cpu-hour", "0.5", "--gpu-type", "H100=4", "--currency", "EUR")
    book = dix("usage", "prices", "set", "--gib-hour", "0.25", "--json").json()
    assert (book["cpu_hour"], book["gib_hour"], book["gpu_types"]) == (0.5, 0.25, {"H100": 4.0})
    row = dix("usage", "--until", "2026-06-01").out.splitlines()[1]
    assert row.endswith("6.50 EUR")
    book = dix("usage", "prices", "set", "--clear", "--gpu-hour", "1", "--json").json()
    assert (book["cpu_hour"], book["gpu_hour"], book["gpu_types"], book["currency"]) == (None, 1.0, {}, "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--csv", "--json"), "--csv: expected one form of output"),
        (("--by", "month"), "by: expected any of day, project, user and flow"),
        (("prices", "set", "--gpu-type", "H100"), "--gpu-type: expected a type and its price, as H100=4.1"),
        (("prices", "set", "--cpu-hour", "-1"), "--cpu-hour"),
    ],
)
def test_wrong_use_is_one_sentence(dix: Dix, words: tuple[str, ...], sentence: str) -> None:
    said = dix("usage", *words)
    assert said.code == 2
    assert sentence in said.err


def test_prices_that_somebody_else_sets_meanwhile_are_not_overwritten(
    dix: Dix, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Wire.read

    def read_late(wire: Wire, path: str, **query: Any) -> Reading:
        found = read(wire, path, **query)
        with server.open() as http:
            http.put("/api/v1/usage/prices", json={"cpu_hour": 7}).raise_for_status()
        return found

    monkeypatch.setattr(Wire, "read", read_late)
    said = dix("usage", "prices", "set", "--gpu-hour", "2.5")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert "price book of the installation was changed by admin at" in said.err
