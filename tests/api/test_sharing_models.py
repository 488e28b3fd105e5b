"""Models that move between people, who come in with tokens of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dix.records.endpoint import Endpoint, EndpointState
from dix.records.member import Role
from dix.records.moments import now
from dix.records.project import Project
from tests.api.people import add_person, come_in
from tests.api.server import Server
from tests.api.test_model_archives import register

MODEL = "/api/v1/models/lamp"


@pytest.fixture(scope="module")
def _place(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    for project in ("vision", "speech"):
        server.parts.catalog.projects.create_project(Project(project, now()))
    register(server, tmp_path_factory.mktemp("models") / "lamp", "lamp", project="vision", user="mia")
    add_person(server, "mia", {"vision": Role.MANAGER})
    add_person(server, "ana", {"speech": Role.USER})


@pytest.fixture
def mia(server: Server, _place: None) -> Iterator[httpx.Client]:
    with come_in(server, "mia") as client:
        yield client
        client.delete(f"{MODEL}/shares")


@pytest.fixture
def ana(server: Server, _place: None) -> Iterator[httpx.Client]:
    with come_in(server, "ana") as client:
        yield client


def names(client: httpx.Client, **asked: bool) -> list[str]:
    return [item["name"] for item in client.get("/api/v1/models", params=asked).json()["items"]]


def share(client: httpx.Client, **body: object) -> None:
    assert client.put(f"{MODEL}/shares", json=body).status_code == 200


def test_what_is_not_shared_is_not_there(mia: httpx.Client, ana: httpx.Client) -> None:
    assert names(mia) == ["lamp"]
    assert names(ana) == []
    ways = (("GET", ""), ("GET", "/versions"), ("GET", "/versions/1/lineage"), ("GET", "/versions/1/archive"))
    for method, path in (*ways, ("PUT", "/favorite"), ("GET", "/aliases")):
        answer = ana.request(method, f"{MODEL}{path}")
        assert (answer.status_code, answer.json()["facts"]["nearest"]) == (404, None)


@pytest.mark.parametrize("body", [{"users": ["ana"]}, {"projects": ["speech"]}, {"visibility": "everyone"}])
def test_what_is_shared_is_seen_and_used_and_not_changed(
    server: Server, mia: httpx.Client, ana: httpx.Client, body: dict[str, object]
) -> None:
    with server.open() as admin:  # mia does not see the project speech, so she cannot share with it
        share(admin if "projects" in body else mia, **body)
    assert names(ana) == names(ana, shared=True) == ["lamp"]
    assert names(mia, shared=True) == []
    seen = ana.get(f"{MODEL}/versions/1").json()
    assert (seen["run"], "lineage" in seen["manifest"]) == (None, False)
    assert mia.get(f"{MODEL}/versions/1").json()["run"] == "r1"
    assert ana.get(f"{MODEL}/versions/1/lineage").json()["data"] == []
    for method, path in (("PUT", "/aliases/mine"), ("DELETE", ""), ("DELETE", "/versions/1")):
        assert ana.request(method, f"{MODEL}{path}", json={"version": 1}).status_code == 403
    assert ana.put(f"{MODEL}/favorite").status_code == 204
    assert names(ana, mine=True) == ["lamp"]
    mia.delete(f"{MODEL}/shares")
    assert names(ana, mine=True) == names(ana, shared=True) == []
    assert ana.get(MODEL).status_code == 404


def test_a_colleague_takes_a_copy_into_a_project_of_their_own(mia: httpx.Client, ana: httpx.Client) -> None:
    share(mia, users=["ana"])
    archive = ana.get(f"{MODEL}/versions/1/archive")
    assert b'"flow"' not in archive.content, "where it comes from is not theirs to know"
    assert archive.headers["etag"] != mia.get(f"{MODEL}/versions/1/archive").headers["etag"]
    came = ana.post("/api/v1/models/import", content=archive.content, params={"name": "copy", "project": "speech"})
    assert (came.status_code, came.json()["user"], came.json()["project"]) == (201, "ana", "speech")
    assert came.json()["manifest"]["lineage"]["imported"]["by"] == "ana"
    assert names(mia) == ["lamp"]
    for params, status in (({"project": "vision"}, 404), ({"name": "lamp", "project": "speech"}, 409)):
        assert ana.post("/api/v1/models/import", content=archive.content, params=params).status_code == status


def test_a_shared_model_scores_and_answers_in_ones_own_project(mia: httpx.Client, ana: httpx.Client) -> None:
    share(mia, users=["ana"])
    body = {"model": "models:/lamp/1", "data": "projects/speech/x", "project": "speech"}
    assert ana.post("/api/v1/predictions", json=body).status_code == 201
    endpoint = {"name": "ana-lamp", "model": "lamp", "project": "speech"}
    assert ana.post("/api/v1/endpoints", json=endpoint).status_code == 201


def test_a_model_that_others_use_unseen_is_not_deleted_and_they_are_not_named(
    server: Server, mia: httpx.Client, tmp_path: Path
) -> None:
    version = register(server, tmp_path / "two", "lamp", project="vision", user="mia").version
    for name, project in (("seen", "vision"), ("hidden-one", "speech")):
        endpoint = Endpoint(name, "lamp", version, project, EndpointState.READY, now(), now())
        server.parts.catalog.endpoints.put_endpoint(endpoint)
    answer = mia.delete(f"{MODEL}/versions/{version}")
    assert answer.status_code == 409
    assert "in use (endpoint seen, what you do not see)" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["", "/versions/1"])
def test_a_name_that_is_free_again_is_shared_with_nobody(
    server: Server, mia: httpx.Client, ana: httpx.Client, tmp_path: Path, path: str
) -> None:
    name = f"shade{len(path)}"
    register(server, tmp_path / "one", name, project="vision", user="mia")
    assert mia.put(f"/api/v1/models/{name}/shares", json={"users": ["ana"]}).status_code == 200
    assert ana.get(f"/api/v1/models/{name}").status_code == 200
    assert mia.delete(f"/api/v1/models/{name}{path}").status_code == 204
    register(server, tmp_path / "two", name, project="vision", user="mia")
    assert ana.get(f"/api/v1/models/{name}").status_code == 404


def test_only_its_owner_or_an_administrator_lets_a_model_run_code(server: Server, mia: httpx.Client) -> None:
    add_person(server, "max", {"vision": Role.MANAGER})
    version = f"{MODEL}/versions/1"
    with come_in(server, "max") as other, server.open() as admin:
        refused = other.patch(version, json={"trusted": True})
        assert refused.status_code == 403
        assert "that takes its owner, mia, or an administrator" in refused.json()["detail"]
        assert other.get(version).json()["trusted_by"] is None
        assert mia.patch(version, json={"trusted": True}).json()["trusted_by"] == "mia"
        assert admin.patch(version, json={"trusted": False}).json()["trusted_by"] is None
        assert admin.patch(version, json={"trusted": True}).json()["trusted_by"] == "admin"
        assert admin.patch(f"{MODEL}/versions/9", json={"trusted": True}).status_code == 404
        kept = admin.get("/api/v1/audit", params={"name": "lamp", "kind": "model"}).json()["items"]
    done = [(one["user"], one["status"]) for one in kept if one["action"] == "change_model_version"]
    assert done == [("admin", 404), ("admin", 200), ("admin", 200), ("mia", 200), ("max", 403)]
