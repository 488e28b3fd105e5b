"""ETag, If-Match and If-None-Match: nobody's edit overwrites another one unseen, and nobody reads the same twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dix.records.model_version import ModelDraft
from tests.api.server import FLOW, Server

PRICES = "/api/v1/usage/prices"


def make_text(name: str, epochs: int) -> str:
    return FLOW.replace("name: digits", f"name: {name}").replace("epochs: 3", f"epochs: {epochs}")


def push(http: httpx.Client, name: str, epochs: int, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.post("/api/v1/flows", json={"text": make_text(name, epochs)}, headers=named)


def test_of_two_who_edit_the_same_version_the_second_is_told_who_was_first(http: httpx.Client) -> None:
    read = push(http, "shared", 3).headers["ETag"]
    assert http.get("/api/v1/flows/shared").headers["ETag"] == read
    first, second = push(http, "shared", 4, If_Match=read), push(http, "shared", 5, If_Match=read)
    assert (first.status_code, second.status_code) == (201, 412)
    problem = second.json()
    assert problem["type"] == "urn:dix:problem:changed"
    assert problem["facts"]["by"] == "admin"
    assert problem["facts"]["at"] == first.json()["created"]
    assert "flow shared was changed by admin at 2" in problem["detail"]
    assert http.get("/api/v1/flows/shared").json()["version"] == 2
    assert push(http, "shared", 5, If_Match=first.headers["ETag"]).json()["version"] == 3


def test_of_many_who_edit_the_same_version_at_once_one_wins(http: httpx.Client, server: Server) -> None:
    read = push(http, "crowd", 3).headers["ETag"]

    def edit(epochs: int) -> int:
        with server.open() as client:
            return push(client, "crowd", epochs, If_Match=read).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(edit, range(10, 18))) == [201, *[412] * 7]
    assert http.get("/api/v1/flows/crowd").json()["version"] == 2


def test_what_must_not_be_there_is_made_once(http: httpx.Client) -> None:
    assert push(http, "once", 3, If_None_Match="*").status_code == 201
    assert push(http, "once", 4, If_None_Match="*").status_code == 412
    assert push(http, "never", 3, If_Match="*").status_code == 412
    assert push(http, "once", 4, If_Match="*").status_code == 201


@pytest.mark.parametrize("tag", ["3", '"a', "W/", '"a" "b"', '"a",, "b"', "数字".encode().decode("latin-1"), ""])
def test_what_is_no_tag_is_refused(http: httpx.Client, tag: str) -> None:
    answer = http.post("/api/v1/flows", json={"text": FLOW}, headers={b"If-Match": tag.encode("latin-1")})
    assert answer.status_code == 422
    assert answer.json()["facts"]["field"] == "If-Match"


def test_a_weak_tag_or_another_documents_matches_nothing(http: httpx.Client) -> None:
    read = push(http, "weak", 3).headers["ETag"]
    assert push(http, "weak", 4, If_Match=f"W/{read}").status_code == 412
    assert push(http, "weak", 4, If_Match='"other", "more"').status_code == 412
    assert push(http, "weak", 4, If_Match=f'"other", {read}').status_code == 201


@pytest.mark.parametrize("path", ["flows/known", "projects/default", "usage/prices"])
def test_a_document_that_was_read_and_has_not_changed_is_not_sent_again(http: httpx.Client, path: str) -> None:
    push(http, "known", 3)
    first = http.get(f"/api/v1/{path}")
    again = http.get(f"/api/v1/{path}", headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert http.get(f"/api/v1/{path}", headers={"If-None-Match": '"x"'}).json() == first.json()


def test_a_project_is_changed_as_it_was_read_or_not_at_all(http: httpx.Client, server: Server) -> None:
    made = http.post("/api/v1/projects", json={"name": "tagged"})
    path, read = "/api/v1/projects/tagged", made.headers["ETag"]
    assert http.get(path).headers["ETag"] == read
    server.engine.usage = {"tagged": {"gpu": 1.0}}
    used = http.get(path)
    assert used.headers["ETag"] != read, "what it uses is part of what was read"
    first = http.patch(path, json={"description": "one"}, headers={"If-Match": used.headers["ETag"]})
    assert first.status_code == 200
    late = http.patch(path, json={"description": "two"}, headers={"If-Match": read})
    assert late.status_code == 412
    assert late.json()["facts"]["at"] == first.json()["changed"]
    assert http.get(path).json()["description"] == "one"


def test_changes_of_a_project_at_once_are_all_made(http: httpx.Client, server: Server) -> None:
    http.post("/api/v1/projects", json={"name": "busy"}).raise_for_status()
    kinds = [f"gpu:TYPE{number}" for number in range(16)]

    def change(kind: str) -> int:
        with server.open() as client:
            body = {"quotas": {kind: {"nominal": 1}}}
            return client.patch("/api/v1/projects/busy", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(change, kinds)) == {200}
    assert sorted(http.get("/api/v1/projects/busy").json()["quotas"]) == sorted(kinds)


def test_the_price_book_is_replaced_as_it_was_read(http: httpx.Client) -> None:
    read = http.get(PRICES).headers["ETag"]
    assert http.put(PRICES, json={"cpu_hour": 1}, headers={"If-Match": read}).status_code == 200
    late = http.put(PRICES, json={"cpu_hour": 2}, headers={"If-Match": read})
    assert (late.status_code, http.get(PRICES).json()["cpu_hour"]) == (412, 1)


def test_an_endpoint_is_deployed_over_what_was_read(http: httpx.Client) -> None:
    body = {"name": "tagged", "model": "digits", "replicas": 1}
    made = http.post("/api/v1/endpoints", json=body, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    read = http.get("/api/v1/endpoints/tagged").headers["ETag"]
    assert http.post("/api/v1/endpoints", json={**body, "replicas": 2}, headers={"If-Match": read}).status_code == 201
    assert http.post("/api/v1/endpoints", json={**body, "replicas": 3}, headers={"If-Match": read}).status_code == 412
    assert http.post("/api/v1/endpoints", json=body, headers={"If-None-Match": "*"}).status_code == 412


def make_things(http: httpx.Client, server: Server) -> None:
    """What the next test changes, each made anew."""
    for uri in ("file:///1", "file:///2"):
        server.parts.catalog.models.register_model(ModelDraft("held", uri), "default")
    push(http, "held", 3)
    for path in ("projects/held/secrets/KEY", "projects/held/members/ana", "projects/held", "models/held/aliases/best"):
        http.delete(f"/api/v1/{path}")
    http.post("/api/v1/users", json={"name": "ana"})
    http.post("/api/v1/projects", json={"name": "held"}).raise_for_status()


HELD = {
    "models/held/shares": [{"visibility": "private"}, {"visibility": "everyone"}],
    "flows/held/shares": [{"projects": ["held"]}, {"users": ["ana"]}],
    "models/held/aliases/best": [{"version": 1}, {"version": 2}],
    "projects/held/secrets/KEY": [{"value": "a"}, {"value": "b"}],
    "projects/held/members/ana": [{"role": "user"}, {"role": "manager"}],
}


@pytest.mark.parametrize("path", HELD)
def test_what_is_replaced_or_deleted_is_what_was_read(http: httpx.Client, server: Server, path: str) -> None:
    make_things(http, server)
    first, second = HELD[path]
    url = f"/api/v1/{path}"
    read = http.put(url, json=first).raise_for_status().headers["ETag"]
    assert http.get(url).headers["ETag"] == read
    kept = http.put(url, json=second, headers={"If-Match": read})
    assert kept.status_code == 200
    assert kept.headers["ETag"] == http.get(url).headers["ETag"] != read
    assert http.get(url, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304
    for late in (http.put(url, json=first, headers={"If-Match": read}), http.delete(url, headers={"If-Match": read})):
        assert (late.status_code, late.json()["type"]) == (412, "urn:dix:problem:changed")
        assert "is not what you have read; read it again" in late.json()["detail"]
        assert "None" not in late.json()["detail"]
    assert http.get(url).json() == kept.json()
    assert http.delete(url, headers={"If-Match": kept.headers["ETag"]}).status_code == 204


@pytest.mark.parametrize("path", [path for path in HELD if "shares" not in path])
def test_what_must_not_be_there_yet_is_not_replaced(http: httpx.Client, server: Server, path: str) -> None:
    make_things(http, server)
    put = [http.put(f"/api/v1/{path}", json=HELD[path][0], headers={"If-None-Match": "*"}) for _ in range(2)]
    assert [answer.status_code for answer in put] == [200, 412]


def test_projects_and_endpoints_are_deleted_as_they_were_read(http: httpx.Client, server: Server) -> None:
    make_things(http, server)
    http.post("/api/v1/endpoints", json={"name": "held", "model": "digits"})
    for path in ("projects/held", "endpoints/held"):
        url = f"/api/v1/{path}"
        assert http.delete(url, headers={"If-Match": '"another"'}).status_code == 412
        assert http.delete(url, headers={"If-Match": http.get(url).headers["ETag"]}).status_code == 204
