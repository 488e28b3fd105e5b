"""Every failure is one problem document, and never a traceback."""

from __future__ import annotations

import logging

import httpx
import pytest

from dix.catalog.direct import DirectCatalog
from tests.api.server import Server

JSON = {"Content-Type": "application/json"}


def is_problem(answer: httpx.Response, status: int) -> bool:
    document = answer.json()
    return (
        answer.status_code == status == document["status"]
        and answer.headers["Content-Type"] == "application/problem+json"
        and document["type"].startswith("urn:dix:problem:")
        and {"title", "detail", "facts"} <= document.keys()
    )


def test_an_unknown_address_and_a_wrong_method_are_problems(http: httpx.Client) -> None:
    assert is_problem(http.get("/api/v1/nothing"), 404)
    assert is_problem(http.delete("/api/v1/runs"), 405)
    assert is_problem(http.post("/api/v1/health"), 405)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"text"', b"null", b"\xff", b'{"text": NaN}', b"[" * 100_000, b'{"text":' * 3000, b"1" * 9999],
)
def test_a_body_that_is_not_what_was_asked_for_is_a_problem(http: httpx.Client, content: bytes) -> None:
    answer = http.post("/api/v1/runs", content=content, headers=JSON)
    assert answer.status_code in {400, 422}
    assert is_problem(answer, answer.status_code)


def test_deep_nesting_is_a_problem(http: httpx.Client) -> None:
    params: dict = {}
    for _ in range(100):
        params = {"a": params}
    assert is_problem(http.post("/api/v1/runs", json={"flow": "x", "params": params}), 422)


def test_all_wrong_fields_are_told_at_once(http: httpx.Client) -> None:
    answer = http.post("/api/v1/runs", json={"flow": 5, "prams": {}, "version": "one"})
    assert is_problem(answer, 422)
    problems = {problem["field"]: problem for problem in answer.json()["problems"]}
    assert problems.keys() == {"flow", "prams", "version"}
    assert all(problem.keys() == {"node", "field", "rule", "message", "nearest"} for problem in problems.values())


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"[]", "body: expected a JSON object, got 'a list'"),
        (b'{"flow":', "body: expected JSON, got 'Expecting value at character 8'"),
        (b'{"flow": "x", "prams": {}}', "prams: expected no field of this name, got 'one'"),
        (b'{"flow": 5}', "flow: expected a valid string, got 5"),
        (b'{"flow": "x", "version": "one"}', "version: expected a valid integer"),
    ],
)
def test_what_was_expected_and_what_came_is_one_sentence(http: httpx.Client, content: bytes, detail: str) -> None:
    answer = http.post("/api/v1/runs", content=content, headers=JSON)
    assert is_problem(answer, 422)
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["problems"][0]["message"] in answer.json()["detail"]


def test_half_a_character_in_a_wrong_value_can_be_answered(http: httpx.Client) -> None:
    answer = http.post("/api/v1/runs", content=b'{"flow": "\\ud800", "x\\udfff": 1}', headers=JSON)
    assert is_problem(answer, 422)


def test_a_surprise_has_an_id_that_is_in_the_log(
    server: Server, http: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: object) -> None:
        raise ZeroDivisionError("the secret is 42")

    monkeypatch.setattr(DirectCatalog, "runs", property(fail))
    with caplog.at_level(logging.ERROR, "dix.api"):
        answer = http.get("/api/v1/runs")
    assert is_problem(answer, 500)
    assert "42" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["id"] in answer.json()["detail"]
    assert answer.json()["id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_field_that_is_missing_is_named(http: httpx.Client) -> None:
    answer = http.post("/api/v1/flows", json={})
    assert is_problem(answer, 422)
    assert answer.json()["detail"] == "text: expected a value, got 'nothing'"


@pytest.mark.parametrize("path", ["flows/x?version={}", "models/x/versions/{}"])
def test_a_version_beyond_all_numbers_is_a_problem(http: httpx.Client, path: str) -> None:
    assert is_problem(http.get("/api/v1/" + path.format("9" * 300)), 422)
    assert is_problem(http.post("/api/v1/runs", json={"flow": "x", "version": 10**300}), 422)
