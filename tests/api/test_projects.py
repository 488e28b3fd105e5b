"""Projects over HTTP."""

from __future__ import annotations

import httpx
import pytest

from dix.names import make_run_id
from tests.api.server import FLOW, Server

PROJECTS = "/api/v1/projects"


@pytest.fixture
def project(http: httpx.Client) -> str:
    """A project of this test's own, with a quota of 4 GPU."""
    name = f"p-{make_run_id()}"
    answer = http.post(PROJECTS, json={"name": name, "quotas": {"gpu": {"nominal": 4}}})
    assert answer.status_code == 201, answer.text
    return name


def test_a_project_is_made_and_read_back(http: httpx.Client, server: Server) -> None:
    body = {
        "name": "made",
        "description": "数字",
        "cohort": "research",
        "reclaim": "lower-priority",
        "quotas": {
            "gpu:H100": {"nominal": 2, "borrowing_limit": 1, "lending_limit": 0},
            "memory": {"nominal": "64GiB"},
            "cpu": {"nominal": "500m"},
        },
    }
    rereads = server.engine.rereads
    made = http.post(PROJECTS, json=body).json()
    assert server.engine.rereads == rereads + 1, "whoever owns runs was not told"
    assert made["quotas"] == {
        "gpu:H100": {"nominal": 2.0, "borrowing_limit": 1.0, "lending_limit": 0.0},
        "memory": {"nominal": 2.0**36, "borrowing_limit": None, "lending_limit": None},
        "cpu": {"nominal": 0.5, "borrowing_limit": None, "lending_limit": None},
    }
    assert (made["cohort"], made["reclaim"], made["description"]) == ("research", "lower-priority", "数字")
    assert http.get(f"{PROJECTS}/made").json() == made
    assert http.post(PROJECTS, json=body).status_code == 409


def test_a_list_has_what_each_uses(http: httpx.Client, server: Server, project: str) -> None:
    server.engine.usage = {project: {"gpu": 1.5}}
    listed = http.get(PROJECTS).json()
    assert listed["next_cursor"] is None
    found = {item["name"]: item for item in listed["items"]}
    assert found[project]["used"] == {"gpu": 1.5}
    assert found["default"]["quotas"] == {}


def test_quotas_are_changed_one_by_one(http: httpx.Client, project: str) -> None:
    changed = http.patch(f"{PROJECTS}/{project}", json={"quotas": {"cpu": {"nominal": 8}}, "cohort": "c"}).json()
    assert {name: quota["nominal"] for name, quota in changed["quotas"].items()} == {"gpu": 4, "cpu": 8}
    assert changed["cohort"] == "c"
    changed = http.patch(f"{PROJECTS}/{project}", json={"quotas": {"gpu": None}, "reclaim": "any"}).json()
    assert (list(changed["quotas"]), changed["cohort"], changed["reclaim"]) == (["cpu"], "c", "any")
    changed = http.patch(f"{PROJECTS}/{project}", json={"cohort": None, "description": "x"}).json()
    assert (list(changed["quotas"]), changed["cohort"], changed["description"]) == (["cpu"], None, "x")
    assert http.get(f"{PROJECTS}/{project}").json() == changed


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"quotas": {"gpus": {"nominal": 1}}}, "did you mean gpu?"),
        ({"quotas": {"gpu": {"nominal": -1}}}, "quotas.gpu: expected a number from 0"),
        ({"quotas": {"gpu": {"nominal": True}}}, "quotas.gpu.nominal"),
        ({"quotas": {"memory": {"nominal": "64 GiBs"}}}, "did you mean 64GiB?"),
        ({"quotas": {"runs": {"nominal": 1.5}}}, "quotas.runs: expected a whole number"),
        ({"quotas": {"gpu": {"nominal": 1, "borow": 1}}}, "expected no field of this name"),
        ({"reclaim": "sometimes"}, "'never', 'lower-priority' or 'any'"),
        ({"cohort": "A B"}, "cohort name: expected"),
    ],
)
def test_a_wrong_quota_is_refused_with_a_sentence(http: httpx.Client, project: str, body: dict, said: str) -> None:
    before = http.get(f"{PROJECTS}/{project}").json()
    answer = http.patch(f"{PROJECTS}/{project}", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert http.get(f"{PROJECTS}/{project}").json() == before


def test_only_an_empty_project_is_deleted(http: httpx.Client, project: str) -> None:
    text = FLOW.replace("name: digits", f"name: {project}")
    assert http.post("/api/v1/runs", json={"text": text, "project": project}).json()["project"] == project
    answer = http.delete(f"{PROJECTS}/{project}")
    assert answer.status_code == 409
    assert "is not empty (it has 1 flows, 1 runs), so it cannot be deleted" in answer.json()["detail"]
    http.post(PROJECTS, json={"name": "short-lived"})
    assert http.delete(f"{PROJECTS}/short-lived").status_code == 204
    assert http.get(f"{PROJECTS}/short-lived").status_code == 404


def test_the_project_default_has_no_limits_for_good(http: httpx.Client) -> None:
    answer = http.patch(f"{PROJECTS}/default", json={"quotas": {"gpu": {"nominal": 1}}})
    assert answer.status_code == 409
    assert http.delete(f"{PROJECTS}/default").status_code == 409


@pytest.mark.parametrize("path", ["flows", "runs"])
def test_an_unknown_project_is_refused_with_the_nearest_and_nothing_is_kept(
    http: httpx.Client, project: str, path: str
) -> None:
    text = FLOW.replace("name: digits", "name: stray")
    answer = http.post(f"/api/v1/{path}", json={"text": text, "project": f"{project}x"})
    assert answer.status_code == 404
    assert f"did you mean {project}" in answer.json()["detail"]
    assert http.get("/api/v1/flows/stray").status_code == 404


@pytest.mark.parametrize("path", ["flows", "runs"])
def test_an_empty_name_is_no_project_and_not_the_one_without_limits(http: httpx.Client, path: str) -> None:
    answer = http.post(f"/api/v1/{path}", json={"text": FLOW.replace("name: digits", "name: stray"), "project": ""})
    assert answer.status_code == 422
    assert http.get("/api/v1/flows/stray").status_code == 404
