"""Every command that asks the server: one JSON document, in the shape of the API, and the right exit code."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dix.engine.base import RunOrder
from dix.names import make_run_id
from dix.records.member import Role
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.sweep import Sweep, SweepState
from dix.records.trial import Trial, TrialRun, TrialState
from tests.api.people import add_person
from tests.api.server import FLOW, Server
from tests.cli.conftest import Dix
from tests.house.test_commands import COMMANDS

_numbers = itertools.count()
UNREACHABLE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Row:
    """A command as it is called, and the operation of the API that its document comes from (None: its own)."""

    words: str
    operation: str | None = None


# {flow} is a file with a document, {run} a run, {over} one that is over, {held} one that is held, {folder} an empty
# folder, {day} a date that has no run, {backfill} a backfill.
ROWS = (
    Row("flows check {flow}", "post /api/v1/flows/check"),
    Row("flows push {flow}", "post /api/v1/flows"),
    Row("flows list", "get /api/v1/flows"),
    Row("flows show digits", "get /api/v1/flows/{name}"),
    Row("flows history digits", "get /api/v1/flows/{name}/versions"),
    Row("flows export digits", "get /api/v1/flows/{name}"),
    Row("flows diff digits", "get /api/v1/flows/{name}/diff"),
    Row("flows concurrency digits --manual none", "patch /api/v1/flows/{name}/concurrency"),
    Row("pools put shared 2 digits", "put /api/v1/pools/{name}"),
    Row("pools list", "get /api/v1/pools"),
    Row("pools delete shared"),
    Row("run digits", "post /api/v1/runs"),
    Row("run digits --estimate", "post /api/v1/runs/estimate"),
    Row("runs list", "get /api/v1/runs"),
    Row("runs show {run}", "get /api/v1/runs/{id}"),
    Row("runs steps {run}", "get /api/v1/runs/{id}/steps"),
    Row("runs attempts {run}", "get /api/v1/runs/{id}/attempts"),
    Row("runs events {run}", "get /api/v1/runs/{id}/events"),
    Row("runs events", "get /api/v1/events"),
    Row("runs logs {run}", "get /api/v1/runs/{id}/logs"),
    Row("runs metrics {run}", "get /api/v1/runs/{id}/metrics"),
    Row("runs compare {run} {over}"),
    Row("runs edit {held} --place 2", "patch /api/v1/runs/{id}"),
    Row("runs list --held --origin sweeps/s", "get /api/v1/runs"),
    Row("runs priority {run} 5", "patch /api/v1/runs/{id}"),
    Row("runs retry {over}", "post /api/v1/runs/{id}/retry"),
    Row("runs rerun {over}", "post /api/v1/runs/{id}/rerun"),
    Row("runs cancel {run}", "post /api/v1/runs/{id}/cancel"),
    Row("sweeps create {run} --flow digits --vary epochs=[4]", "post /api/v1/sweeps"),
    Row("sweeps create {over} --flow digits --vary epochs=[4,5] --preview", "post /api/v1/sweeps/preview"),
    Row("sweeps list", "get /api/v1/sweeps"),
    Row("sweeps show {sweep}", "get /api/v1/sweeps/{name}"),
    Row("sweeps trials {sweep}", "get /api/v1/sweeps/{name}/trials"),
    Row("sweeps compare {sweep}", "get /api/v1/sweeps/{name}/compare"),
    Row("sweeps add {sweep}", "post /api/v1/sweeps/{name}/trials"),
    Row("sweeps edit {sweep} 1 --place 3", "patch /api/v1/sweeps/{name}/trials/{number}"),
    Row("sweeps skip {sweep} 2", "post /api/v1/sweeps/{name}/trials/{number}/skip"),
    Row("sweeps retry {sweep} 3", "post /api/v1/sweeps/{name}/trials/{number}/retry"),
    Row("sweeps change {sweep} --concurrency 2", "patch /api/v1/sweeps/{name}"),
    Row("sweeps resume {paused}", "post /api/v1/sweeps/{name}/resume"),
    Row("sweeps pause {sweep}", "post /api/v1/sweeps/{name}/pause"),
    Row("sweeps stop {sweep}", "post /api/v1/sweeps/{name}/stop"),
    Row("sweeps delete {stopped}"),
    Row("schedules create {run} digits --cron @daily", "post /api/v1/schedules"),
    Row("schedules list", "get /api/v1/schedules"),
    Row("schedules show nightly", "get /api/v1/schedules/{name}"),
    Row("schedules preview nightly --count 2", "get /api/v1/schedules/{name}/preview"),
    Row("schedules preview --cron @daily", "post /api/v1/schedules/preview"),
    Row("schedules missed nightly", "get /api/v1/schedules/{name}/missed"),
    Row("schedules pause nightly", "post /api/v1/schedules/{name}/pause"),
    Row("schedules resume nightly", "post /api/v1/schedules/{name}/resume"),
    Row("schedules delete nightly"),
    Row("backfills create digits --date {day}", "post /api/v1/backfills"),
    Row("backfills preview digits --first 2030-01-01 --last 2030-01-03 --step 1d", "post /api/v1/backfills/preview"),
    Row("backfills list", "get /api/v1/backfills"),
    Row("backfills show {backfill}", "get /api/v1/backfills/{id}"),
    Row("backfills instances {backfill}", "get /api/v1/backfills/{id}/instances"),
    Row("backfills concurrency {backfill} 2", "patch /api/v1/backfills/{id}"),
    Row("backfills pause {backfill}", "post /api/v1/backfills/{id}/pause"),
    Row("backfills resume {backfill}", "post /api/v1/backfills/{id}/resume"),
    Row("backfills cancel {backfill}", "post /api/v1/backfills/{id}/cancel"),
    Row("models list", "get /api/v1/models"),
    Row("models show digits", "get /api/v1/models/{name}"),
    Row("models versions digits", "get /api/v1/models/{name}/versions"),
    Row("models allow digits 1", "get /api/v1/models/{name}/versions/{version}"),
    Row("models alias digits champion 1"),
    Row("models lineage digits", "get /api/v1/models/{name}/versions/{version}/lineage"),
    Row("models favorite digits"),
    Row("models share digits --with everyone", "get /api/v1/models/{name}/shares"),
    Row("models delete gone --all"),
    Row("predict digits --data digits --no-wait", "post /api/v1/predictions"),
    Row("endpoints deploy one digits", "post /api/v1/endpoints"),
    Row("endpoints list", "get /api/v1/endpoints"),
    Row("endpoints show one", "get /api/v1/endpoints/{name}"),
    Row("endpoints delete one"),
    Row("projects create {run} gpu=4", "post /api/v1/projects"),
    Row("projects list", "get /api/v1/projects"),
    Row("projects show vision", "get /api/v1/projects/{name}"),
    Row("projects quota vision gpu=2", "patch /api/v1/projects/{name}"),
    Row("projects delete vision"),
    Row("secrets set {run} --from-file {flow}", "put /api/v1/projects/{name}/secrets/{secret}"),
    Row("secrets list", "get /api/v1/projects/{name}/secrets"),
    Row("secrets delete KEY"),
    Row("audit list", "get /api/v1/audit"),
    Row("whoami", "get /api/v1/whoami"),
    Row("users list", "get /api/v1/users"),
    Row("users show ana", "get /api/v1/users/{name}"),
    Row("users create {run} --project vision --role viewer", "post /api/v1/users"),
    Row("users disable ana", "patch /api/v1/users/{name}"),
    Row("users enable ana", "patch /api/v1/users/{name}"),
    Row("users password ana --code"),
    Row("users delete {over}"),
    Row("projects members vision", "get /api/v1/projects/{name}/members"),
    Row("projects add vision ana manager", "put /api/v1/projects/{name}/members/{user}"),
    Row("projects remove vision bob"),
    Row("tokens create mine --expires 2100-01-01", "post /api/v1/tokens"),
    Row("tokens list", "get /api/v1/tokens"),
    Row("usage", "get /api/v1/usage"),
    Row("usage prices show", "get /api/v1/usage/prices"),
    Row("usage prices set --cpu-hour 1", "put /api/v1/usage/prices"),
    Row("data put {flow} texts/flow.yaml"),
    Row("data ls texts", "get /api/v1/data"),
    Row("data preview texts/flow.yaml", "get /api/v1/data/preview"),
    Row("data get texts/flow.yaml {folder}"),
)
# They act on this machine, or want more than these parts; each has tests of its own.
ELSEWHERE = {"up", "down", "status", "demo", "env", "doctor", "backup", "restore", "endpoints test", "data profile"}
ELSEWHERE |= {"models export", "models import", "login", "logout", "tokens revoke", "scripts inspect", "scripts send"}
ELSEWHERE |= {"sweeps curves", "sweeps importance", "sweeps difference", "sweeps best"}


@pytest.fixture(scope="module")
def openapi(server: Server) -> dict[str, Any]:
    with server.open() as http:
        document: dict[str, Any] = http.get("/api/v1/openapi.json").json()
        return document


@pytest.fixture
def fill(dix: Dix, server: Server, flow_file: str, tmp_path: Path) -> dict[str, str]:
    """What the words of a row stand for."""
    (tmp_path / "other.yaml").write_text(FLOW.replace("epochs: 3}", "epochs: 4}"), encoding="utf-8")
    dix("flows", "push", str(tmp_path / "other.yaml"))
    runs = [dix("run", flow_file, "--json").json()["id"] for _ in range(2)]
    server.engine.finish(runs[1])
    (held,) = server.engine.hold_runs([RunOrder("digits", origin="sweeps/s")])
    models = server.parts.catalog.models
    models.register_model(ModelDraft("digits", "file:///m"), "default")
    models.register_model(ModelDraft("gone", "file:///m"), "default")
    (tmp_path / "folder").mkdir()
    server.parts.catalog.secrets.put_secret("default", "KEY", "x", "admin")
    server.deployer.deploy("one", "models:/digits/1")
    dix("projects", "create", "vision")
    dix("data", "put", flow_file, "texts/flow.yaml")
    sweeps = {state: f"{state}-{runs[0]}" for state in ("running", "paused", "stopped")}
    for state, name in sweeps.items():
        make_sweep(server, name, SweepState(state))
    for name, roles in (("ana", {}), ("bob", {"vision": Role.VIEWER}), (runs[1], {})):
        add_person(server, name, roles)
    names = {"sweep": sweeps["running"], "paused": sweeps["paused"], "stopped": sweeps["stopped"]}
    dix("schedules", "create", "nightly", "digits", "--cron", "@daily")
    names["backfill"] = dix("backfills", "create", "digits", "--date", _make_day(), "--json").json()["id"]
    return {
        "flow": flow_file,
        "run": runs[0],
        "over": runs[1],
        "folder": str(tmp_path / "folder"),
        "held": held.id,
        "day": _make_day(),
        **names,
    }


def _make_day() -> str:
    """Another one each time: a date that is queued is not made twice."""
    return (date(2030, 1, 1) + timedelta(days=next(_numbers))).isoformat()


def make_sweep(server: Server, name: str, state: SweepState) -> None:
    """A sweep with two trials that wait, and one that was left out."""
    states = (TrialState.HELD, TrialState.HELD, TrialState.SKIPPED)
    sweep = Sweep(name, "digits", 1, "default", now(), space={"epochs": "1..3"}, state=state)
    trials = [
        Trial(name, number, {"epochs": number}, now(), kind, number, runs=(TrialRun(make_run_id()),))
        for number, kind in enumerate(states, start=1)
    ]
    server.parts.catalog.sweeps.create_sweep(sweep, tuple(trials))
    orders = [RunOrder("digits", id=trial.runs[0].run, origin=sweep.origin) for trial in trials]
    server.engine.hold_runs(orders)


def split(row: Row, fill: dict[str, str]) -> list[str]:
    return [word.format(**fill) for word in row.words.split()]


def find_schema(openapi: dict[str, Any], operation: str) -> dict[str, Any]:
    """The schema of a success, with all that it refers to."""
    method, path = operation.split()
    answers = openapi["paths"][path][method]["responses"]
    (good,) = [answer for code, answer in answers.items() if code in {"200", "201", "202"} and "content" in answer][:1]
    return {**good["content"]["application/json"]["schema"], "components": openapi["components"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_it_says_one_document_in_the_shape_of_the_api(
    dix: Dix, row: Row, fill: dict[str, str], openapi: dict[str, Any]
) -> None:
    said = dix(*split(row, fill), "--json")
    assert said.code == 0, said
    document = json.loads(said.out)
    if row.operation is not None:
        jsonschema.Draft202012Validator(find_schema(openapi, row.operation)).validate(document)
    if row.operation is None and "items" in document:
        assert "next_cursor" in document


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.words)
def test_it_ends_with_the_right_code_whatever_is_wrong(
    dix: Dix, row: Row, fill: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = split(row, fill)
    assert dix(*words, "--no-such-option", "--json").code == 2
    monkeypatch.setenv("DIX_TOKEN", "guessed")
    refused = dix(*words, "--json")
    assert (refused.code, refused.json()["status"]) == (2, 401)
    monkeypatch.setenv("DIX_ADDRESS", UNREACHABLE)
    silent = dix(*words, "--json")
    assert (silent.code, silent.json()["status"]) == (1, 503)
    assert silent.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("flows show digit", 404),
        ("runs show nothing", 404),
        ("runs cancel nothing", 404),
        ("runs compare nothing", 404),
        ("models show digit", 404),
        ("endpoints show digit", 404),
        ("projects show defaul", 404),
        ("data get nothing", 404),
        ("run digit", 404),
        ("run digits -p epochs", 422),
        ("runs list --state never", 422),
        ("runs list --cursor nonsense", 422),
        ("projects create A", 422),
        ("projects create default", 409),
        ("runs retry {run}", 409),
        ("flows check {folder}", 422),
    ],
)
def test_what_cannot_be_is_2_with_one_problem_document(dix: Dix, fill: dict[str, str], words: str, status: int) -> None:
    said = dix(*split(Row(words), fill), "--json")
    assert (said.code, said.json()["status"]) == (2, status), said
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [("flows show digit", "digits"), ("projects show defaul", "default"), ("run digit", "digits")],
)
def test_the_name_that_was_meant_is_offered(dix: Dix, fill: dict[str, str], words: str, meant: str) -> None:
    assert f"did you mean {meant}?" in dix(*words.split()).err


def test_every_command_has_a_row() -> None:
    rows = {" ".join(word for word in row.words.split()[:4]) for row in ROWS}
    for path, command in COMMANDS.items():
        name = " ".join(path[1:])
        if not hasattr(command, "commands") and name not in ELSEWHERE:
            assert any(f"{row} ".startswith(f"{name} ") for row in rows), name
