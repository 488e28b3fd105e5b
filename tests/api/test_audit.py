"""The audit over HTTP: what is kept, what is not, and for whom."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from dix.api.rights import RIGHTS
from dix.api.trail import ONLY_ASKS, TAKES_OUT, find_origin
from dix.names import make_run_id
from tests.api.server import FLOW, Server

AUDIT = "/api/v1/audit"
SECRETS = "/api/v1/projects/default/secrets"


def find(http: httpx.Client, **wanted: object) -> list[dict[str, object]]:
    answer = http.get(AUDIT, params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_what_is_made_is_named(http: httpx.Client) -> None:
    name = f"p-{make_run_id()}"
    http.post("/api/v1/projects", json={"name": name})
    (entry,) = find(http, name=name)
    assert (entry["user"], entry["token"], entry["action"], entry["kind"]) == (
        "admin",
        "home",
        "create_project",
        "project",
    )
    assert (entry["kind"], entry["project"], entry["status"], entry["problem"]) == ("project", name, 201, None)
    assert entry["address"] == "127.0.0.1"


def test_what_was_refused_is_kept_with_the_problem(http: httpx.Client) -> None:
    http.post("/api/v1/runs/nothing/cancel")
    (entry,) = find(http, name="nothing", failed=True)
    assert (entry["action"], entry["status"], entry["problem"]) == ("cancel_run", 404, "urn:dix:problem:not-found")
    assert find(http, name="nothing", failed=False) == []


def test_who_only_looks_leaves_no_entry(http: httpx.Client) -> None:
    before = len(find(http, limit=1000))
    http.get("/api/v1/runs")
    http.post("/api/v1/flows/check", json={"text": FLOW})
    http.get("/api/v1/nonsense")
    assert len(find(http, limit=1000)) == before


def test_what_is_taken_out_is_kept(http: httpx.Client, server: Server) -> None:
    server.parts.store.write_bytes("audit/rows.csv", b"a\n1\n")
    http.get("/api/v1/data/file", params={"uri": "audit/rows.csv"})
    (entry,) = find(http, action="download", name="audit/rows.csv")
    assert (entry["kind"], entry["status"]) == ("data", 200)


def test_an_entry_is_there_when_the_answer_is(http: httpx.Client) -> None:
    for _ in range(20):
        name = f"f-{make_run_id()}"
        http.post("/api/v1/flows", json={"text": FLOW.replace("name: digits", f"name: {name}")})
        assert [entry["action"] for entry in find(http, name=name)] == ["push_flow"]


def test_what_is_in_a_thing_is_named_with_it(http: httpx.Client) -> None:
    http.put(f"{SECRETS}/INNER", json={"value": "x"})
    http.put("/api/v1/projects/default/members/admin", json={"role": "viewer"})
    for name, actions in (("default", ["put_member", "put_secret"]), ("default/INNER", ["put_secret"])):
        asked = {"name": name, "kind": "project", "limit": len(actions)}
        assert [one["action"] for one in http.get("/api/v1/audit", params=asked).json()["items"]] == actions
    assert http.get("/api/v1/audit", params={"limit": 1}).json()["items"][0]["name"] == "default/admin"


def test_nobody_can_change_it(http: httpx.Client) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert http.request(method, AUDIT).status_code == 405
        assert http.request(method, f"{AUDIT}/1").status_code in {404, 405}


def test_it_is_exported_whole(http: httpx.Client) -> None:
    formula = "=1+1"
    http.post(f"/api/v1/runs/{formula}/cancel")
    kept = len(find(http, limit=1000))
    answer = http.get(f"{AUDIT}/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == kept
    assert rows[0]["name"] == f"'{formula}", "a spreadsheet would calculate it"
    assert rows[0]["at"].endswith("Z")


def test_a_secret_comes_in_and_never_out(http: httpx.Client, server: Server) -> None:
    value = "hunter2-hunter2"
    kept = http.put(f"{SECRETS}/KEY", json={"value": value})
    assert (kept.status_code, kept.json()["updated_by"]) == (200, "admin")
    assert server.parts.catalog.secrets.read_values("default", ("KEY",)) == {"KEY": value}
    said = [kept.text, http.get(SECRETS).text, http.get(AUDIT, params={"limit": 1000}).text]
    assert not any(value in text for text in said)
    assert [entry["action"] for entry in find(http, kind="project", name="default", limit=1)] == ["put_secret"]


@pytest.mark.parametrize(
    ("name", "body", "status", "told"),
    [
        ("KEY", {"value": ""}, 422, "value: expected a text, got 'nothing'"),
        ("KEY", {"value": 19216811}, 422, "value: expected a valid string, got 'something else'"),
        ("KEY", {"valeu": "hunter2"}, 422, "got"),
        ("1KEY", {"value": "hunter2"}, 422, "a name of letters, digits and _"),
        ("KEY", {"value": "hunter2" * 20000}, 422, "at most 65536 characters, got '140000 characters'"),
    ],
)
def test_a_wrong_secret_is_refused_without_being_repeated(
    http: httpx.Client, name: str, body: dict[str, object], status: int, told: str
) -> None:
    answer = http.put(f"{SECRETS}/{name}", json=body)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"]
    assert not any(word in answer.text for word in ("hunter2", "19216811"))


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("PUT", f"{SECRETS}/KEY", b'"hunter2"'),
        ("PUT", f"{SECRETS}/KEY", b'{"value": "\\ud800hunter2"}'),
        ("PUT", "/api/v1/password", b'{"new": "%s"}' % (b"hunter2" * 99)),
        ("PUT", "/api/v1/password", b'{"old": 1, "new": ["hunter2"]}'),
        ("POST", "/api/v1/login", b'{"code": "%s"}' % (b"hunter2" * 99)),
        ("POST", "/api/v1/login", b'{"name": "ana", "passwort": "hunter2"}'),
    ],
)
def test_no_answer_repeats_what_may_be_secret(http: httpx.Client, method: str, path: str, content: bytes) -> None:
    answer = http.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, "hunter2" in answer.text) == (422, False)


def test_a_deleted_secret_is_gone(http: httpx.Client) -> None:
    http.put(f"{SECRETS}/GONE", json={"value": "x"})
    assert http.delete(f"{SECRETS}/GONE").status_code == 204
    assert http.delete(f"{SECRETS}/GONE").status_code == 404


def test_where_a_request_comes_from_is_what_the_front_saw(http: httpx.Client) -> None:
    """This machine's own address is the front's, whose word the server takes."""
    http.post("/api/v1/flows", json={"text": FLOW}, headers={"X-Forwarded-For": "10.1.1.1"})
    assert http.get("/api/v1/audit").json()["items"][0]["address"] == "10.1.1.1"


def test_who_comes_in_beside_the_front_cannot_say_where_from() -> None:
    headers = [(b"x-forwarded-for", b"1.2.3.4")]
    assert find_origin({"type": "http", "headers": headers, "client": ("10.0.0.9", 1)}) == "10.0.0.9"


def test_operations_that_are_named_are_there() -> None:
    assert RIGHTS.keys() >= TAKES_OUT | ONLY_ASKS
