"""`dix runs compare`."""

from __future__ import annotations

import math

from dix.records.states import StepState
from tests.api.server import Server
from tests.cli.conftest import Dix


def test_runs_are_compared(dix: Dix, server: Server, flow_file: str) -> None:
    ids = [dix("run", flow_file, "-p", f"epochs={each}", "--json").json()["id"] for each in (1, 2)]
    server.engine.move_step(ids[0], "cnn", StepState.RUNNING, attempt=1, metrics={"loss": math.inf})
    said = dix("runs", "compare", *ids)
    assert said.code == 0
    assert said.out.split()[:2] == ids
    assert "params.epochs" in said.out
    assert "flow_version" not in said.out
    assert "flow_version" in dix("runs", "compare", *ids, "--all").out
    document = dix("runs", "compare", *ids, "--json").json()
    facts = {(fact["kind"], fact["name"]): fact for fact in document["items"]}
    assert facts["param", "epochs"] == {
        "kind": "param",
        "node": None,
        "name": "epochs",
        "differs": True,
        "values": [1, 2],
    }
    assert facts["metric", "loss"]["values"] == ["Infinity", None]
    assert facts["run", "logical_date"]["values"][0].endswith("Z")
    assert document["runs"] == ids


def test_the_same_run_differs_in_nothing_and_one_that_is_not_there_is_named(dix: Dix, flow_file: str) -> None:
    run = dix("run", flow_file, "--json").json()["id"]
    assert "differ in nothing" in dix("runs", "compare", run, run).err
    missing = dix("runs", "compare", run, "nothing")
    assert (missing.code, missing.out) == (2, "")
