"""Sweeps over HTTP: made, changed, compared, and refused with one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from dix.names import make_run_id
from dix.records.change import ChangeSet, StepMove
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import Driver, RunState, StepState
from dix.records.step import Step
from dix.records.sweep import Mode, Objective, Sweep, SweepState
from dix.records.trial import Trial, TrialRun, TrialState
from tests.api.server import FLOW, Server

SWEEPS = "/api/v1/sweeps"
GRID = {"flow": "digits", "space": {"epochs": "1..3"}}


@pytest.fixture(autouse=True)
def flow(http: httpx.Client) -> None:
    http.post("/api/v1/flows", json={"text": FLOW}).raise_for_status()


def make(http: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    answer = http.post(SWEEPS, json={"name": name, **GRID, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def finish(server: Server, name: str, losses: list[float]) -> None:
    """A sweep that is over, with two epochs of each trial."""
    catalog = server.parts.catalog
    objective = Objective("cnn", "loss", Mode.MIN)
    sweep = Sweep(name, "digits", 1, "default", now(), objectives=(objective,), state=SweepState.FINISHED)
    trials = []
    for number, loss in enumerate(losses, start=1):
        run = Run(make_run_id(), "digits", 1, now(), params={"epochs": number}, driver=Driver.PARAMETER)
        catalog.runs.create_run(run, (Step(run.id, "cnn"),))
        model = ModelDraft("digits", f"file:///m{run.id}")
        done = Step(run.id, "cnn", StepState.SUCCEEDED, 1, outputs={"model": ""}, digests={"model": str(number)})
        catalog.runs.apply_changes(ChangeSet((StepMove(StepState.PENDING, done, now(), model),)))
        points = [MetricPoint(run.id, "cnn", 1, "loss", at, loss / at, now()) for at in (1, 2)]
        catalog.telemetry.add_metrics(tuple(points))
        facts = {"state": TrialState.SUCCEEDED, "values": (loss / 2,), "runs": (TrialRun(run.id),)}
        trials.append(replace(Trial(name, number, {"epochs": number}, now()), **facts))
    catalog.sweeps.create_sweep(sweep, tuple(trials))


def test_a_sweep_is_previewed_made_seen_and_forgotten(http: httpx.Client, server: Server) -> None:
    preview = http.post(f"{SWEEPS}/preview", json={"name": "first", **GRID}).json()
    assert (preview["count"], preview["instances"]) == (3, [{"epochs": 1}, {"epochs": 2}, {"epochs": 3}])
    assert http.get(f"{SWEEPS}/first").status_code == 404
    made = make(http, "first", concurrency=2, budget={"time": "2h"})
    assert (made["state"], made["trials"], made["budget"]["time_s"]) == ("running", {"held": 3}, 7200.0)
    trials = http.get(f"{SWEEPS}/first/trials").json()["items"]
    assert [trial["params"] for trial in trials] == preview["instances"]
    run = http.get(f"/api/v1/runs/{trials[0]['runs'][0]['run']}").json()
    assert (run["origin"], run["held"], run["driver"]) == ("sweeps/first", True, "parameter")
    limit = server.parts.catalog.limits.find_limit("sweeps/first")
    assert limit is not None
    assert (limit.most, limit.is_paused) == (2, False)
    assert [one["name"] for one in http.get(SWEEPS, params={"search": "firs"}).json()["items"]] == ["first"]
    assert http.delete(f"{SWEEPS}/first").status_code == 409
    stopped = http.post(f"{SWEEPS}/first/stop").json()
    assert (stopped["state"], stopped["trials"]) == ("stopped", {"cancelled": 3})
    assert http.delete(f"{SWEEPS}/first").status_code == 204
    assert http.get(f"{SWEEPS}/first").status_code == 404


def test_trials_that_wait_are_changed_left_out_and_added(http: httpx.Client) -> None:
    make(http, "second")
    changed = http.patch(f"{SWEEPS}/second/trials/1", json={"params": {"epochs": 9}, "place": 7}).json()
    assert (changed["params"], changed["place"]) == ({"epochs": 9}, 7)
    assert http.post(f"{SWEEPS}/second/trials/2/skip").json()["state"] == "skipped"
    again = http.post(f"{SWEEPS}/second/trials/2/skip")
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "trial 2 of sweep second is skipped, so it cannot be skipped",
    )
    added = http.post(f"{SWEEPS}/second/trials", json={"params": [{"epochs": 5}]}).json()["items"]
    assert [(one["number"], one["origin"]) for one in added] == [(4, "user")]
    held = http.get(f"{SWEEPS}/second/trials", params={"state": "held", "sort": "-place"}).json()["items"]
    assert [one["number"] for one in held] == [1, 4, 3]


def test_a_change_that_names_another_state_of_the_sweep_is_refused(http: httpx.Client) -> None:
    make(http, "third")
    tag = http.get(f"{SWEEPS}/third").headers["ETag"]
    assert http.patch(f"{SWEEPS}/third", json={"concurrency": 7}, headers={"If-Match": tag}).json()["concurrency"] == 7
    late = http.patch(f"{SWEEPS}/third", json={"concurrency": 8}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert http.post(f"{SWEEPS}/third/pause").json()["state"] == "paused"
    assert http.post(f"{SWEEPS}/third/pause").status_code == 409
    assert http.post(f"{SWEEPS}/third/resume").json()["state"] == "running"


def test_rows_of_csv_become_trials(http: httpx.Client) -> None:
    made = make(http, "rows", space={}, method="list", csv="epochs\n4\n6\n")
    assert made["method"] == "list"
    trials = http.get(f"{SWEEPS}/rows/trials").json()["items"]
    assert [trial["params"] for trial in trials] == [{"epochs": 4}, {"epochs": 6}]


def test_ten_trials_are_compared_at_once(http: httpx.Client, server: Server) -> None:
    finish(server, "done", [4.0, 1.0, 2.0, 8.0, 6.0])
    shown = http.get(f"{SWEEPS}/done").json()
    assert shown["best"] == {"number": 2, "params": {"epochs": 2}, "values": [0.5]}
    compared = http.get(f"{SWEEPS}/done/compare").json()
    columns = compared["columns"]
    assert columns["objective.cnn.loss"] == [2.0, 0.5, 1.0, 4.0, 3.0]
    assert columns["cnn.loss.max"] == [4.0, 1.0, 2.0, 8.0, 6.0]
    assert columns["params.epochs"] == [1, 2, 3, 4, 5]
    assert (compared["best"], compared["pareto"]) == (2, [])
    assert "state" not in compared["differing"]
    assert compared["axes"][0] == {"column": "params.epochs", "least": 1, "greatest": 5, "choices": []}
    curves = http.get(f"{SWEEPS}/done/curves", params={"trial": [2, 3]}).json()["curves"]
    assert [(curve["trial"], curve["positions"], curve["values"]) for curve in curves] == [
        (2, [1, 2], [1.0, 0.5]),
        (3, [1, 2], [2.0, 1.0]),
    ]
    assert http.get(f"{SWEEPS}/done/importance").json()["importance"] == {"epochs": 1.0}
    contour = http.get(f"{SWEEPS}/done/contour", params={"x": "epochs", "y": "epochs"}).json()
    assert contour["values"][1] == [None, 0.5, None, None, None]
    difference = http.get(f"{SWEEPS}/done/difference", params={"trial": [1, 2]}).json()["differences"]
    assert difference == [
        {"kind": "params", "name": "epochs", "values": [1, 2]},
        {"kind": "data", "name": "cnn.model", "values": ["1", "2"]},
    ]


def test_the_best_trials_model_gets_a_name_in_one_call(http: httpx.Client, server: Server) -> None:
    finish(server, "named", [4.0, 1.0])
    moved = http.post(f"{SWEEPS}/named/best", json={"alias": "champion"}).json()
    versions = server.parts.catalog.models.list_model_versions("digits")
    assert (moved["model"], moved["version"]) == ("digits", versions[0].version)
    other = http.post(f"{SWEEPS}/named/best", json={"alias": "champion", "trial": 1}).json()
    assert other["version"] == versions[1].version
    make(http, "open")
    refused = http.post(f"{SWEEPS}/open/best", json={"alias": "champion"})
    assert refused.status_code == 409


WRONG: dict[str, dict[str, Any]] = {
    "space.epoch: expected a parameter of the flow": {"space": {"epoch": [1]}},
    "space: expected at least one parameter": {"space": {}},
    "expected at most 10,000 values": {"space": {"epochs": "1..10000000"}},
    "objective: expected node.metric": {"objectives": [{"number": "loss"}]},
    "objective: expected a node that reports numbers, got 'train_set": {"objectives": [{"number": "train_set.rows"}]},
    "budget.time: expected": {"budget": {"time": "soon"}},
    "csv: expected": {"method": "list", "space": {}, "csv": "epochs"},
    "there is no": {"flow": "digit"},
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_cannot_be_is_refused_before_anything_is_made(http: httpx.Client, sentence: str) -> None:
    answer = http.post(SWEEPS, json={"name": "wrong", **GRID, **WRONG[sentence]})
    assert answer.status_code in {404, 422}
    assert sentence in answer.json()["detail"] or answer.json()["detail"] == "no flow digit; did you mean digits?"
    assert http.get(f"{SWEEPS}/wrong").status_code == 404


def test_numbers_that_nobody_told_are_refused_with_those_that_were(http: httpx.Client, server: Server) -> None:
    finish(server, "told", [4.0, 1.0])
    for what in ("curves", "importance", "contour"):
        answer = http.get(f"{SWEEPS}/told/{what}", params={"number": "cnn.los", "x": "epochs", "y": "epochs"})
        assert (answer.status_code, "did you mean cnn.loss?" in answer.json()["detail"]) == (422, True)
    assert http.get(f"{SWEEPS}/told/difference", params={"trial": [1]}).status_code == 422
    assert http.get(f"{SWEEPS}/told/trials/77").status_code == 404


def test_states_of_runs_are_told_as_states_of_trials(http: httpx.Client, server: Server) -> None:
    make(http, "seen")
    trial = http.get(f"{SWEEPS}/seen/trials/1").json()
    run = server.parts.catalog.runs.get_run(trial["runs"][0]["run"])
    assert (run.state, trial["state"]) == (RunState.QUEUED, "held")
