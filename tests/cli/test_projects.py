"""`dix projects`, and priorities of runs."""

from __future__ import annotations

import pytest

from dix.cli.projects import read_quotas
from dix.errors import BadValue
from tests.api.server import Server
from tests.cli.conftest import Dix


def test_quotas_are_read_as_people_write_them() -> None:
    assert read_quotas(["gpu=4,borrow=2,lend=0", "memory=64GiB", "gpu:H100=none"]) == {
        "gpu": {"nominal": "4", "borrowing_limit": "2", "lending_limit": "0"},
        "memory": {"nominal": "64GiB"},
        "gpu:H100": None,
    }


@pytest.mark.parametrize("text", ["gpu", "gpu=", "gpu=4,borow=2", "gpu=4,borrow", "gpu=4,"])
def test_a_wrong_quota_says_how_it_is_written(text: str) -> None:
    with pytest.raises(BadValue, match="RESOURCE=AMOUNT"):
        read_quotas([text])


def test_a_project_from_its_beginning_to_its_end(dix: Dix, server: Server) -> None:
    said = dix("projects", "create", "vision", "gpu=4,borrow=2", "memory=64GiB", "--cohort", "research")
    assert (said.code, said.err) == (0, "project vision is there; `dix run FILE --project vision` runs in it\n")
    server.engine.usage = {"vision": {"gpu": 1.5, "steps": 2.0}}
    shown = dix("projects", "show", "vision")
    assert "research" in shown.out
    rows = [line.split("  ") for line in shown.out.splitlines()]
    table = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["gpu", "1.5", "4", "2", "all of it"] in table
    assert ["memory", "0 bytes", "64 GiB", "all that is left", "all of it"] in table
    assert ["steps", "2", "no limit"] in table
    changed = dix(
        "projects", "quota", "vision", "gpu=none", "runs=3", "--no-cohort", "--reclaim", "any", "--json"
    ).json()
    assert (list(changed["quotas"]), changed["cohort"], changed["reclaim"]) == (["memory", "runs"], None, "any")
    listed = dix("projects", "list", "--json").json()
    assert [item["name"] for item in listed["items"]] == ["default", "vision"]
    assert "0 bytes of 64 GiB memory, 0 of 3 runs" in dix("projects", "list").out
    assert dix("projects", "delete", "vision").code == 0
    gone = dix("projects", "show", "vision")
    assert (gone.code, gone.err) == (2, "dix: no project vision\n")


def test_a_run_has_a_project_and_a_priority(dix: Dix, flow_file: str) -> None:
    wrong = dix("run", flow_file, "--project", "vison")
    assert wrong.code == 2
    assert "no project vison" in wrong.err
    run = dix("run", flow_file, "--priority", "7", "--json").json()
    assert run["priority"] == 7
    assert dix("runs", "priority", run["id"], "9").err == f"run {run['id']} has priority 9 now\n"
    assert dix("runs", "show", run["id"], "--json").json()["priority"] == 9
    assert dix("runs", "priority", run["id"], "-9", "--json").json()["priority"] == -9
    assert "PRIORITY" in dix("runs", "list").out


@pytest.mark.parametrize("priority", ["high", "1001"])
def test_a_wrong_priority_is_wrong_use(dix: Dix, flow_file: str, priority: str) -> None:
    said = dix("run", flow_file, "--priority", priority)
    assert said.code == 2
    assert "priority" in said.err
