"""The main job, as a newcomer does it: by the command alone, from nothing to nothing."""

from __future__ import annotations

import contextlib
import json
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pyarrow.parquet as pq
import pytest

from tests.boot.house import RUN, House

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An installation on which the demo has been played once."""
    house = House()
    try:
        done = house.dix("demo", *house.ports())
        assert done.returncode == 0, done.stdout + done.stderr + _read_logs(house)
        assert "models:/digits/1" in done.stdout
        yield house
    finally:
        house.close()


def test_demo_reaches_its_accuracy_and_leaves_a_version(house: House) -> None:
    (run,) = house.ask("runs", "list")["items"]
    shown = house.ask("runs", "show", run["id"])
    steps = {step["node"]: step for step in shown["steps"]}
    assert (shown["state"], shown["driver"], shown["flow"]) == ("succeeded", "manual", "digits")
    assert {step["state"] for step in steps.values()} == {"succeeded"}
    assert steps["evaluate"]["metrics"]["accuracy"] >= 0.97
    assert steps["cnn"]["outputs"]["model"] == "models:/digits/1"
    version = house.ask("models", "show", "digits")
    assert version["version"] == 1
    lineage = version["manifest"]["lineage"]
    assert lineage["run"] == run["id"]
    assert len(lineage["data"][0]["sha256"]) == 64


def test_endpoint_answers_with_a_token_and_not_without(house: House) -> None:
    rows = pq.read_table(house.home / "store" / "digits" / "test.parquet").slice(0, 20).to_pylist()
    body = {
        "id": "mine",
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [20, 8, 8], "data": [row["image"] for row in rows]}],
    }
    url = f"http://127.0.0.1:{house.api_port}/v2/models/digits/infer"
    assert httpx.post(url, json=body).status_code == 401
    token = (house.home / "token").read_text().strip()
    answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    outputs = {output["name"]: output for output in answer.json()["outputs"]}
    right = sum(said == row["label"] for said, row in zip(outputs["label"]["data"], rows, strict=True))
    assert answer.json()["id"] == "mine"
    assert right >= 18
    assert outputs["probabilities"]["shape"] == [20, 10]


def test_control_is_closed_without_the_token(house: House) -> None:
    api = f"http://127.0.0.1:{house.api_port}/api/v1"
    assert httpx.get(f"{api}/health").status_code == 200
    for path in ("runs", "models", "status", "data", "no-such-thing"):
        refused = httpx.get(f"{api}/{path}", headers={"Authorization": "Bearer wrong"})
        assert refused.status_code == 401
        assert refused.headers["content-type"].startswith("application/problem+json")


def test_the_address_that_up_prints_lets_one_browser_in(house: House) -> None:
    visit = house.ask("up", *house.ports())["ui"]
    for expected in (303, 401):
        with httpx.Client(headers={"Accept": "text/html"}) as browser:
            came = browser.get(visit)
            assert came.status_code == expected
            if expected == 303:
                assert browser.get(visit.partition("?")[0]).status_code == 200


def test_a_viewer_sees_asks_and_changes_nothing_until_the_token_ends(house: House) -> None:
    api = f"http://127.0.0.1:{house.api_port}"
    code = house.ask("users", "create", "ana", "--project", "default", "--role", "viewer")["code"]
    session = httpx.post(f"{api}/api/v1/login", json={"code": code}).json()["token"]
    with httpx.Client(base_url=api, headers={"Authorization": f"Bearer {session}"}) as ana:
        made = ana.post("/api/v1/tokens", json={"name": "mine", "scopes": ["read", "predict"]}).json()
    with httpx.Client(base_url=api, headers={"Authorization": f"Bearer {made['secret']}"}) as program:
        assert program.get("/api/v1/models/digits").status_code == 200
        assert program.delete("/api/v1/models/digits").status_code == 403
        assert program.post("/api/v1/runs", json={"flow": "digits"}).status_code == 403
        assert program.get("/api/v1/projects/other").status_code == 404
        assert program.get("/v2/models/digits").status_code == 200
        house.ask("tokens", "list", "--everybody")
        assert house.dix("users", "disable", "ana").returncode == 0
        began = time.monotonic()
        while program.get("/v2/models/digits").status_code == 200:
            assert time.monotonic() < began + 1
        assert program.get("/v2/models/digits").status_code == 401
        assert program.get("/api/v1/models/digits").status_code == 401


def test_no_process_has_a_token_in_its_environment_and_what_listens_is_told(house: House) -> None:
    secrets = [(house.home / name).read_text().strip() for name in ("token", "ray_token")]
    for process in house.processes():
        with contextlib.suppress(psutil.Error):
            assert not set(secrets) & set(process.environ().values())
    status = house.ask("status")
    assert f"127.0.0.1:{house.api_port} the API and the endpoints" in status["listens"]
    assert f"127.0.0.1:{house.ui_port} the dashboard" in status["listens"]
    assert "trusted with the operating-system account" in status["trust"]


def test_tokens_are_readable_by_their_owner_only(house: House) -> None:
    for name in ("token", "ray_token"):
        assert stat.S_IMODE((house.home / name).stat().st_mode) == 0o600


def test_predict_scores_a_folder_of_images_in_bulk(house: House) -> None:
    house.ask("models", "alias", "digits", "champion", "1")
    run = house.ask("predict", "models:/digits@champion", "--data", "digits/test", "--output", "scores/mine")
    assert run["models"] == {"models:/digits/1": "models:/digits/1"}
    table = pq.read_table(house.home / "store" / "scores" / "mine")
    assert {"path", "prediction", "probabilities"} <= set(table.column_names)
    assert table.num_rows == 359


def test_a_model_is_taken_out_and_in_again_and_deleted(house: House) -> None:
    file = house.ask("models", "export", "digits@champion")["file"]
    copy = house.ask("models", "import", file, "--name", "copy")
    assert (copy["reference"], copy["run"]) == ("models:/copy/1", None)
    assert copy["manifest"]["lineage"]["imported"]["model"] == "digits"
    lineage = house.ask("models", "lineage", "digits@champion")
    assert lineage["endpoints"] == ["digits"]
    assert [(one["node"], one["port"]) for one in lineage["data"]] == [("train_set", "train")]
    refused = house.dix("models", "delete", "digits/1")
    assert "in use (alias champion, endpoint digits)" in refused.stderr
    folder = Path(copy["uri"].removeprefix("file://"))
    assert folder.is_dir()
    house.ask("models", "delete", "copy/1")
    assert not folder.exists()


def test_up_twice_changes_nothing(house: House) -> None:
    before = house.ask("status")
    again = house.ask("up", *house.ports())
    assert again["was_up"] is True
    assert house.ask("status")["ray"] == before["ray"]


def test_wrong_use_is_one_sentence_and_two(house: House) -> None:
    for arguments in (
        ["runs", "show", "nothing"],
        ["models", "show", "digit"],
        ["run", "digit"],
        ["run", "digits", "-p", "epochs=many"],
        ["endpoints", "deploy", "Bad Name", "models:/digits/1"],
        ["endpoints", "deploy", "digits", "models:/digits/99"],
    ):
        done = house.dix(*arguments)
        assert done.returncode == 2, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()


def test_a_part_of_the_flow_runs_on_what_the_demo_left(house: House) -> None:
    demo = house.ask("runs", "list", "--flow", "digits")["items"][-1]["id"]
    part = house.ask("run", "digits", "--only", "evaluate", "--wait")
    steps = {step["node"]: step for step in part["steps"]}
    assert (steps["score"]["state"], steps["score"]["reason"]) == ("cached", f"taken from run {demo}")
    assert (steps["evaluate"]["state"], steps["evaluate"]["origin"]) == ("cached", demo)
    assert steps["cnn"]["state"] == "skipped"
    refused = house.dix("run", "digits", "--only", "evaluate", "-p", "epochs=77")
    assert refused.returncode == 2
    assert f"run {demo} left another" in refused.stderr
    assert "no node evaluat; did you mean evaluate?" in house.dix("run", "digits", "--from", "evaluat").stderr


def test_a_script_in_a_ray_job_needs_no_arguments(house: House) -> None:
    folder = house.home / "job"
    folder.mkdir()
    (folder / "my_flow.py").write_text(
        "import dix\n"
        "with dix.connect() as client:\n"
        "    flow = dix.Flow('from-a-job')\n"
        "    flow.data('train', 'digits/train.parquet')\n"
        "    run = flow.run(client=client).wait(timeout_s=60)\n"
        "    print('state', run.state.value, 'user', run.user, client.address)\n"
    )
    # As a person does it: in a shell, with nothing but what `dix env` prints.
    script = f'eval "$({sys.executable} -P -c "$RUN_DIX" env)" && "$RAY" job submit --working-dir {folder} -- '
    done = subprocess.run(
        ["bash", "-ec", f"{script}{sys.executable} my_flow.py"],
        env=house.environment | {"RUN_DIX": RUN, "RAY": str(Path(sys.executable).with_name("ray"))},
        cwd=house.home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"state succeeded user admin http://127.0.0.1:{house.api_port}" in done.stdout
    assert house.ask("runs", "list", "--flow", "from-a-job")["items"][0]["state"] == "succeeded"


def test_a_backup_is_made_while_all_runs_and_the_doctor_is_content(house: House) -> None:
    before = house.ask("runs", "list")
    saved = house.ask("backup", str(house.home / "backup.tar"))
    assert saved["manifest"]["bytes"] > 0
    refused = house.dix("restore", str(house.home / "backup.tar"))
    assert (refused.returncode, "dix down" in refused.stderr) == (2, True)
    findings = house.ask("doctor")["items"]
    assert [finding for finding in findings if finding["state"] == "problem"] == []
    assert house.ask("runs", "list") == before


def test_a_killed_catalog_comes_back_with_everything(house: House) -> None:
    before = house.ask("runs", "list")
    victims = [process for process in house.processes() if "Owner" in " ".join(_command(process))]
    assert len(victims) == 1, [_command(process) for process in house.processes()]
    victims[0].kill()
    assert house.ask("runs", "list") == before


def test_down_leaves_no_process_and_up_brings_the_endpoint_back(house: House) -> None:
    assert house.dix("down").returncode == 0
    assert house.processes() == []
    assert house.ask("status")["state"] == "down"
    assert house.dix("runs", "list").returncode == 1
    assert house.ask("restore", str(house.home / "backup.tar"))["same_store"] is True
    began = time.monotonic()
    assert house.ask("up", *house.ports())["was_up"] is False
    print(f"up took {time.monotonic() - began:.1f} s")
    (endpoint,) = house.ask("endpoints", "list")["items"]
    assert (endpoint["name"], endpoint["state"]) == ("digits", "ready")
    assert house.dix("endpoints", "test", "digits").returncode == 0


def test_demo_again_makes_version_two(house: House) -> None:
    done = house.dix("demo", *house.ports())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "models:/digits/2" in done.stdout
    assert [version["version"] for version in house.ask("models", "versions", "digits")["items"]] == [2, 1]


def test_a_run_is_repaired_and_names_the_one_it_repairs(house: House) -> None:
    broken = house.dix("run", "digits", "-p", "epochs=2", "--wait", "--json")
    assert broken.returncode == 0, broken.stderr
    old = json.loads(broken.stdout)
    new = house.ask("runs", "retry", old["id"], "-p", "epochs=1")
    assert (new["retry_of"], new["params"]["epochs"]) == (old["id"], 1)
    assert old["id"] in house.dix("runs", "show", new["id"]).stdout
    states = {step["node"]: step["state"] for step in new["steps"]}
    assert states["cnn"] == "pending"
    assert {states[node] for node in states if node.endswith("_set")} == {"cached"}
    house.dix("runs", "cancel", new["id"])


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _read_logs(house: House) -> str:
    logs: list[Path] = sorted((house.home / "logs").glob("*.log"))
    return json.dumps({log.name: log.read_text()[-3000:] for log in logs}, indent=1)
