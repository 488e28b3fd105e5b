"""Flows over HTTP."""

from __future__ import annotations

import httpx

from tests.api.server import FLOW

BAD = FLOW.replace("framework: torch", "framwork: torch").replace("kind: data", "kind: dat")


def test_a_good_document_is_said_to_be_good(http: httpx.Client) -> None:
    answer = http.post("/api/v1/flows/check", json={"text": FLOW}).json()
    assert answer["name"] == "digits"
    assert answer["nodes"] == ["train_set", "cnn"]
    assert answer["problems"] == []
    assert len(answer["hash"]) == 64


def test_a_bad_document_is_422_with_all_its_problems_wherever_it_goes(http: httpx.Client) -> None:
    seen = []
    for path in ("flows/check", "flows", "runs"):
        answer = http.post(f"/api/v1/{path}", json={"text": BAD})
        assert answer.status_code == 422
        document = answer.json()
        assert document["type"] == "urn:dix:problem:bad-document"
        assert all(item.keys() == {"node", "field", "rule", "message", "nearest"} for item in document["problems"])
        assert {item["node"] for item in document["problems"]} >= {"cnn", "train_set"}
        seen.append(document)
    assert seen[0] == seen[1] == seen[2]


def test_a_document_is_kept_once(http: httpx.Client) -> None:
    text = FLOW.replace("name: digits", "name: kept")
    first = http.post("/api/v1/flows", json={"text": text})
    again = http.post("/api/v1/flows", json={"text": text + "# a remark\n"})
    changed = http.post("/api/v1/flows", json={"text": text.replace("epochs: 3", "epochs: 4")})
    assert [answer.status_code for answer in (first, again, changed)] == [201, 200, 201]
    assert [answer.json()["version"] for answer in (first, again, changed)] == [1, 1, 2]
    assert first.json()["text"] == text
    assert first.json()["description"] == "数字"


def test_flows_are_listed_and_found_again(http: httpx.Client) -> None:
    for epochs in (3, 5):
        text = FLOW.replace("name: digits", "name: again").replace("epochs: 3", f"epochs: {epochs}")
        http.post("/api/v1/flows", json={"text": text}).raise_for_status()
    items = http.get("/api/v1/flows").json()["items"]
    assert [item["version"] for item in items if item["name"] == "again"] == [2]
    assert "text" not in items[0]
    versions = http.get("/api/v1/flows/again/versions").json()
    assert [item["version"] for item in versions["items"]] == [2, 1]
    assert versions["next_cursor"] is None
    assert "epochs: 3" in http.get("/api/v1/flows/again", params={"version": 1}).json()["text"]
    assert "epochs: 5" in http.get("/api/v1/flows/again").json()["text"]


def test_an_unknown_flow_is_not_found_with_the_nearest(http: httpx.Client) -> None:
    http.post("/api/v1/flows", json={"text": FLOW}).raise_for_status()
    answer = http.get("/api/v1/flows/digitz")
    assert answer.status_code == 404
    assert answer.json()["facts"]["nearest"] == "digits"
    assert http.get("/api/v1/flows/digits", params={"version": 99}).status_code == 404
    assert http.get("/api/v1/flows/digits", params={"version": 10**30}).status_code in {404, 422}
    assert http.get("/api/v1/flows/nothing/versions").status_code == 404


def test_a_flow_stays_in_its_project_unless_another_is_named(http: httpx.Client) -> None:
    def push(epochs: int, **more: str) -> str:
        text = FLOW.replace("name: digits", "name: homed").replace("epochs: 3", f"epochs: {epochs}")
        project: str = http.post("/api/v1/flows", json={"text": text, **more}).json()["project"]
        return project

    http.post("/api/v1/projects", json={"name": "vision"})
    assert push(1) == "default"
    assert push(2, project="vision") == "vision"
    assert push(3) == "vision"


def test_the_projects_name_is_checked_before_anything_is_kept(http: httpx.Client) -> None:
    text = FLOW.replace("name: digits", "name: unkept")
    assert http.post("/api/v1/flows", json={"text": text, "project": "My Project"}).status_code == 422
    assert http.get("/api/v1/flows/unkept").status_code == 404
