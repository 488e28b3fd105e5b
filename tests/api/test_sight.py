"""What is seen, in lists, sums, hints and streams, and what is shared beyond a project."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dix.records.member import Role
from dix.records.states import RunState
from dix.records.token import Scope
from tests.api.people import TEXT, Things, add_person, come_in, make_things
from tests.api.server import Server


@pytest.fixture(scope="module")
def things(server: Server) -> dict[str, Things]:
    made = {project: make_things(server, project) for project in ("own", "other")}
    add_person(server, "ana", {"own": Role.USER})
    add_person(server, "bob", {"own": Role.USER})
    add_person(server, "cleo", {"other": Role.MANAGER})
    add_person(server, "stranger")
    return made


@pytest.fixture
def ana(server: Server, things: dict[str, Things]) -> Iterator[httpx.Client]:
    with come_in(server, "ana") as client:
        yield client


@pytest.fixture
def cleo(server: Server, things: dict[str, Things]) -> Iterator[httpx.Client]:
    with come_in(server, "cleo") as client:
        yield client


def names(answer: httpx.Response, field: str = "name") -> set[str]:
    assert answer.status_code == 200, answer.text
    return {item[field] for item in answer.json()["items"]}


def test_lists_show_what_is_seen(ana: httpx.Client, things: dict[str, Things]) -> None:
    assert names(ana.get("/api/v1/flows")) == {"own-flow"}
    assert names(ana.get("/api/v1/models")) == {"own-model"}
    assert names(ana.get("/api/v1/endpoints")) == {"own-endpoint"}
    assert names(ana.get("/api/v1/projects")) == {"own"}
    assert names(ana.get("/api/v1/runs"), "id") == {things["own"].run}
    assert names(ana.get("/api/v1/runs", params={"project": "other"}), "id") == set()
    assert names(ana.get("/api/v1/flows", params={"project": "other"})) == set()


def test_a_page_of_what_is_seen_is_whole(ana: httpx.Client, server: Server) -> None:
    for number in range(5):
        for project in ("other", "own"):
            name = f"{project}-{number}"
            server.parts.catalog.flows.push_flow(name, TEXT.format(name=name), "h", project)
    page = ana.get("/api/v1/flows", params={"limit": 4}).json()
    assert len(page["items"]) == 4
    rest = ana.get("/api/v1/flows", params={"limit": 4, "cursor": page["next_cursor"]}).json()
    assert {item["project"] for item in page["items"] + rest["items"]} == {"own"}


def test_hints_name_what_is_seen(ana: httpx.Client, cleo: httpx.Client) -> None:
    for kind in ("flow", "model", "endpoint"):
        assert "did you mean other" not in ana.get(f"/api/v1/{kind}s/other-{kind}s").text
        assert f"did you mean other-{kind}?" in cleo.get(f"/api/v1/{kind}s/other-{kind}s").text
    assert "did you mean" not in ana.get("/api/v1/projects/othe").text


def test_events_and_usage_are_of_what_is_seen(ana: httpx.Client, server: Server, things: dict[str, Things]) -> None:
    for project in ("own", "other"):
        server.engine.move(things[project].run, RunState.RUNNING)
    assert names(ana.get("/api/v1/events"), "run") == {things["own"].run}
    assert ana.get("/api/v1/usage", params={"by": "project"}).json()["items"] == []


def test_the_store_shows_ones_own_corner(ana: httpx.Client, server: Server) -> None:
    assert "dix" not in names(ana.get("/api/v1/data"))
    assert names(ana.get("/api/v1/data", params={"uri": "projects"})) == {"own"}
    listed = ana.get("/api/v1/data/files", params={"uri": "projects"}).json()["items"]
    assert all("/projects/own/" in item["uri"] for item in listed)
    assert ana.get("/api/v1/data/measure", params={"uri": "projects"}).json()["files"] == len(listed)
    for uri in ("dix", "dix/runs", "dix/models", "dix/staging/x", "projects/other/a.txt"):
        assert ana.get("/api/v1/data/files", params={"uri": uri}).status_code == 404
    for look, uri in itertools.product(("preview", "profile"), ("projects", server.parts.store.url)):
        assert ana.get(f"/api/v1/data/{look}", params={"uri": uri}).status_code == 403
    for look, uri in itertools.product(("preview", "profile"), ("dix/runs", "projects/other", "projects/other/a.txt")):
        assert ana.get(f"/api/v1/data/{look}", params={"uri": uri}).status_code == 404
    assert ana.get("/api/v1/data/file", params={"uri": "file:///etc/passwd"}).status_code == 403
    assert ana.get("/api/v1/data/file", params={"uri": f"{server.parts.store.url}x/a"}).status_code == 403
    assert ana.put("/api/v1/data/file", params={"uri": "projects/new.txt"}, content=b"x").status_code == 404
    assert ana.put("/api/v1/data/file", params={"uri": "common/b.txt"}, content=b"x").status_code == 201


def test_who_is_in_no_project_sees_nothing_of_the_store(server: Server, things: dict[str, Things]) -> None:
    with come_in(server, "stranger") as stranger:
        assert stranger.get("/api/v1/data/file", params={"uri": "common/a.txt"}).status_code == 404


def share(client: httpx.Client, path: str, **body: Any) -> None:
    answer = client.put(f"/api/v1/{path}/shares", json=body)
    assert answer.status_code == 200, answer.text


def test_a_model_is_shared_without_what_it_was_made_of(cleo: httpx.Client, ana: httpx.Client, server: Server) -> None:
    share(cleo, "models/other-model", users=["ana"])
    for name in ("versions/1.json", "a.bin"):
        server.parts.store.write_bytes(f"dix/models/other-model/{name}", b"a")
    shared = ana.get("/api/v1/models/other-model").json()
    assert (shared["run"], "lineage" in shared["manifest"]) == (None, False)
    assert "lineage" in cleo.get("/api/v1/models/other-model").json()["manifest"]
    for what, uri in (("file", "dix/models/other-model/versions/1.json"), ("files", "dix/models/other-model/versions")):
        assert ana.get(f"/api/v1/data/{what}", params={"uri": uri}).status_code == 404
    assert ana.get("/api/v1/data/file", params={"uri": "dix/models/other-model/a.bin"}).content == b"a"
    assert names(ana.get("/api/v1/data/files", params={"uri": "dix/models/other-model"})) == {"a.bin"}
    assert "other-model" in names(ana.get("/api/v1/models"))
    assert ana.delete("/api/v1/models/other-model").status_code == 403
    assert ana.get("/api/v1/models/other-model/shares").status_code == 403
    body = {"model": "other-model", "data": "common/a.txt", "project": "own"}
    assert ana.post("/api/v1/predictions", json=body).status_code == 201
    assert cleo.delete("/api/v1/models/other-model/shares").status_code == 204
    assert ana.get("/api/v1/models/other-model").status_code == 404


def test_a_flow_is_shared_with_a_project_and_with_everyone(cleo: httpx.Client, server: Server) -> None:
    with come_in(server, "bob") as bob, come_in(server, "stranger") as stranger:
        assert bob.get("/api/v1/flows/other-flow").status_code == 404
        assert cleo.put("/api/v1/flows/other-flow/shares", json={"projects": ["own"]}).status_code == 404
        with server.open() as admin:
            share(admin, "flows/other-flow", projects=["own"])
        assert bob.get("/api/v1/flows/other-flow").status_code == 200
        assert stranger.get("/api/v1/flows/other-flow").status_code == 404
        share(cleo, "flows/other-flow", visibility="everyone")
        assert stranger.get("/api/v1/flows/other-flow").status_code == 200
        assert bob.post("/api/v1/runs", json={"flow": "other-flow"}).status_code == 404
        assert bob.post("/api/v1/runs", json={"flow": "other-flow", "project": "own"}).status_code == 201
        cleo.delete("/api/v1/flows/other-flow/shares")


def test_whom_one_does_not_see_is_not_named_among_those_it_is_shared_with_and_keeps_it(
    cleo: httpx.Client, server: Server
) -> None:
    path = "/api/v1/models/other-model/shares"
    with server.open() as admin:
        share(admin, "models/other-model", projects=["own"], users=["ana"])
        assert cleo.get(path).json()["projects"] == []
        share(cleo, "models/other-model", users=["bob"])
        assert admin.get(path).json()["projects"] == ["own"]
        share(cleo, "models/other-model", visibility="private")
        assert admin.get(path).json()["projects"] == []
        admin.delete(path)


def test_what_is_private_is_its_owners(ana: httpx.Client, server: Server) -> None:
    text = TEXT.format(name="mine")
    assert ana.post("/api/v1/flows", json={"text": text, "project": "own"}).status_code == 201
    run = ana.post("/api/v1/runs", json={"flow": "mine"}).json()["id"]
    share(ana, "flows/mine", visibility="private")
    with come_in(server, "bob") as bob:
        assert bob.get("/api/v1/flows/mine").status_code == 404
        assert bob.get(f"/api/v1/runs/{run}").status_code == 404
        assert run not in names(bob.get("/api/v1/runs"), "id")
        assert "mine" not in names(bob.get("/api/v1/flows"))
        taken = bob.post("/api/v1/flows", json={"text": text, "project": "own"})
        assert (taken.status_code, taken.json()["type"]) == (409, "urn:dix:problem:already-exists")
        assert ana.get(f"/api/v1/runs/{run}").status_code == 200
        share(ana, "flows/mine", visibility="private", users=["bob"])
        assert bob.get("/api/v1/flows/mine").status_code == 200
    server.parts.catalog.members.delete_member("own", "ana")
    with come_in(server, "ana") as gone:
        assert gone.get("/api/v1/flows/mine").status_code == 404
    add_person(server, "ana", {"own": Role.USER})


def test_only_the_owner_and_managers_share(server: Server, things: dict[str, Things]) -> None:
    with come_in(server, "bob") as bob:
        assert bob.put("/api/v1/flows/own-flow/shares", json={"visibility": "everyone"}).status_code == 403


def test_a_name_that_is_taken_elsewhere_is_taken(ana: httpx.Client) -> None:
    text = TEXT.format(name="other-flow")
    assert ana.post("/api/v1/flows", json={"text": text, "project": "own"}).status_code == 409
    assert ana.post("/api/v1/runs", json={"text": text, "project": "own"}).status_code == 409
    body = {"name": "other-endpoint", "model": "own-model", "project": "own"}
    assert ana.post("/api/v1/endpoints", json=body).status_code == 409
    assert ana.post("/api/v1/endpoints", json={**body, "name": "e", "model": "other-model"}).status_code == 404


def test_a_token_is_narrower_than_its_user(server: Server, things: dict[str, Things]) -> None:
    with come_in(server, "ana", scopes=(Scope.READ,)) as reader:
        assert reader.get("/api/v1/flows").status_code == 200
        assert "scope write" in reader.post("/api/v1/runs", json={"flow": "own-flow"}).json()["detail"]
        assert reader.post("/api/v1/tokens", json={"name": "x"}).status_code == 403
        assert reader.get("/v2").status_code == 403
        assert reader.get("/api/v1/whoami").json()["scopes"] == ["read"]
    with come_in(server, "admin", projects=("own",)) as narrow:
        assert names(narrow.get("/api/v1/projects")) == {"own"}
        assert narrow.get("/api/v1/flows/other-flow").status_code == 404
        assert narrow.post("/api/v1/users", json={"name": "x"}).status_code == 403
        assert narrow.post("/api/v1/tokens", json={"name": "x"}).status_code == 403
        assert narrow.patch("/api/v1/projects/own", json={"quotas": {"gpu": {"nominal": 1}}}).status_code == 403


def test_a_manager_gives_roles_and_no_quotas(cleo: httpx.Client) -> None:
    assert cleo.put("/api/v1/projects/other/members/ana", json={"role": "viewer"}).status_code == 200
    assert cleo.delete("/api/v1/projects/other/members/ana").status_code == 204
    refused = cleo.patch("/api/v1/projects/other", json={"quotas": {"gpu": {"nominal": 9}}})
    assert (refused.status_code, "an administrator" in refused.json()["detail"]) == (403, True)


def test_an_endpoint_that_does_not_answer_is_told_to_who_sees_it(ana: httpx.Client, cleo: httpx.Client) -> None:
    path = "/v2/models/other-endpoint/infer"
    assert (ana.get(path).status_code, cleo.get(path).status_code) == (404, 409)


def test_an_estimate_tells_nothing_of_a_flow_that_is_not_seen(ana: httpx.Client) -> None:
    def estimate(name: str) -> int:
        body = {"text": TEXT.format(name=name), "project": "own"}
        return ana.post("/api/v1/runs/estimate", json=body).status_code

    assert (estimate("other-flow"), estimate("own-flow"), estimate("free-name")) == (409, 200, 200)


def test_a_run_is_not_repeated_with_what_its_flow_became_elsewhere(ana: httpx.Client, server: Server) -> None:
    flows = server.parts.catalog.flows
    flows.push_flow("moved", TEXT.format(name="moved"), "h1", "own")
    run = ana.post("/api/v1/runs", json={"flow": "moved"}).json()["id"]
    server.engine.move(run, RunState.CANCELLED)
    flows.push_flow("moved", TEXT.format(name="moved") + "# secret\n", "h2", "other")
    for body in ({"flow_version": 2}, {"flow_version": "latest"}):
        answer = ana.post(f"/api/v1/runs/{run}/retry", json=body)
        assert (answer.status_code, answer.json()["facts"].get("kind")) == (404, "flow")
    assert ana.post(f"/api/v1/runs/{run}/retry", json={}).status_code == 201


def test_who_waits_for_events_hears_none_when_the_token_has_ended(
    ana: httpx.Client, server: Server, things: dict[str, Things]
) -> None:
    last = ana.get("/api/v1/events/last").json()["seq"]
    answers: list[httpx.Response] = []

    def follow(path: str) -> None:
        with come_in(server, "ana") as waiting:
            answers.append(waiting.get(path, params={"after": last, "wait": 4}, timeout=40))

    paths = ["/api/v1/events", f"/api/v1/runs/{things['own'].run}/events"]
    followers = [threading.Thread(target=follow, args=(path,)) for path in paths]
    for follower in followers:
        follower.start()
    threading.Event().wait(0.5)
    server.parts.catalog.members.delete_member("own", "ana")
    threading.Event().wait(1.0)
    server.engine.move(things["own"].run, RunState.CANCELLED)
    for follower in followers:
        follower.join(30)
    add_person(server, "ana", {"own": Role.USER})
    told = sorted((answer.status_code, len(answer.json().get("items", []))) for answer in answers)
    assert told == [(200, 0), (404, 0)]


def test_managers_read_what_was_done_in_their_projects_also_where_the_answer_says_nothing(
    cleo: httpx.Client, ana: httpx.Client, server: Server
) -> None:
    with server.open() as admin:
        for client in (cleo, admin):
            assert client.delete("/api/v1/models/other-model/aliases/none").status_code == 404
            assert client.put("/api/v1/models/other-model/shares", json={"users": ["ana"]}).status_code == 200
            assert client.delete("/api/v1/models/other-model/shares").status_code == 204
        assert admin.delete("/api/v1/models/nowhere/shares").status_code == 404
    assert ana.delete("/api/v1/models/other-model").status_code == 404
    told = [(one["user"], one["action"], one["status"]) for one in cleo.get("/api/v1/audit").json()["items"]]
    assert told[:6] == [
        (user, action, status)
        for user in ("admin", "cleo")
        for action, status in (("delete_model_shares", 204), ("put_model_shares", 200), ("delete_alias", 404))
    ]


def test_what_names_no_project_belongs_to_the_only_one_of_its_maker(server: Server, things: dict[str, Things]) -> None:
    add_person(server, "solo", {"own": Role.USER, "other": Role.VIEWER})
    add_person(server, "both", {"own": Role.USER, "other": Role.USER})
    solo, both = come_in(server, "solo"), come_in(server, "both")
    document = {"text": TEXT.format(name="nowhere-named")}
    assert solo.post("/api/v1/flows", json=document).json()["project"] == "own"
    assert solo.post("/api/v1/runs", json={"flow": "nowhere-named"}).json()["project"] == "own"
    said = both.post("/api/v1/flows", json={"text": TEXT.format(name="another")})
    assert said.status_code == 422
    assert said.json()["detail"] == "project: expected one of other, own, got 'none'"
    outsider = come_in(server, add_person(server, "outsider").name)
    said = outsider.post("/api/v1/flows", json={"text": TEXT.format(name="another")})
    assert said.status_code == 403
    assert "you are in no project" in said.json()["detail"]
