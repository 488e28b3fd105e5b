"""The OpenAPI document is whole: whoever reads it alone knows what each operation takes, gives and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from dix.api.openapi import walk_operations
from tests.api.server import FLOW

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def document(server: Any) -> dict[str, Any]:
    with server.open(token=None) as http:
        found: dict[str, Any] = http.get("/api/v1/openapi.json").json()
    return found


def test_the_document_is_of_openapi_3_1_and_needs_no_token(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for _method, _path, operation in walk_operations(document)]
    assert len(names) == len(set(names)) > 60
    assert "HTTPValidationError" not in document["components"]["schemas"]


# Read on from a place, in the order in which they were written; a run's numbers come whole.
LOGS = {
    "list_all_events": "in the order in which it was written",
    "list_events": "in the order in which it was written",
    "read_logs": "in the order in which it was written",
    "list_metrics": "one document of the run, which comes whole",
}


def test_every_list_is_sorted_and_divided_or_says_why_not(document: dict[str, Any]) -> None:
    lists = dict(_walk_lists(document))
    assert len(lists) > 20
    assert lists.keys() >= LOGS.keys()
    for name, operation in lists.items():
        taken = {parameter["name"] for parameter in operation["parameters"]}
        if name in LOGS:
            assert LOGS[name] in " ".join(operation["description"].split()), name
            assert taken & {"after", "cursor"}, name
        else:
            assert taken >= {"sort", "limit", "cursor"}, name


def _walk_lists(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    schemas = document["components"]["schemas"]
    for method, _path, operation in walk_operations(document):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        schema = schemas.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        if method == "get" and {"items", "next_cursor"} <= schema.get("properties", {}).keys():
            yield operation["operationId"], operation


def test_every_operation_says_what_it_does_and_how_it_can_fail(document: dict[str, Any]) -> None:
    for method, path, operation in walk_operations(document):
        assert operation["summary"], path
        assert "_" not in operation["summary"].split(" ")[0], path
        responses = operation["responses"]
        assert {"default", "500"} <= responses.keys(), path
        if operation.get("security") != []:
            assert {"401", "403"} <= responses.keys(), path
        if "{" in path:
            assert {"404", "422"} <= responses.keys(), path
        if method != "get":
            assert "409" in responses, path
        for status, response in responses.items():
            if not status.startswith(("2", "3")):
                media = "application/json" if path.startswith("/v2") else PROBLEM
                assert response["content"].keys() == {media}, (path, status)


def test_headers_are_declared_where_they_work(document: dict[str, Any]) -> None:
    paths = document["paths"]

    def headers(path: str, method: str) -> set[str]:
        given = paths[path][method].get("parameters", [])
        return {parameter["name"] for parameter in given if parameter["in"] == "header"}

    assert headers("/api/v1/flows", "post") == {"If-Match", "If-None-Match", "Idempotency-Key"}
    assert headers("/api/v1/flows/{name}", "get") == {"If-None-Match"}
    assert headers("/api/v1/projects/{name}", "patch") == {"If-Match"}
    assert headers("/api/v1/runs/{id}/events", "get") == {"Last-Event-ID"}
    push = paths["/api/v1/flows"]["post"]["responses"]
    assert push["201"]["headers"].keys() == {"ETag", "Idempotent-Replayed"}
    assert "412" in push
    assert "304" in paths["/api/v1/flows/{name}"]["get"]["responses"]
    assert "text/event-stream" in paths["/api/v1/events"]["get"]["responses"]["200"]["content"]


def test_every_body_and_answer_has_an_example_that_fits(document: dict[str, Any]) -> None:
    for _method, path, operation in walk_operations(document):
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media, content in holder.get("content", {}).items():
                if media.endswith("json") and "schema" in content:
                    schema = {**content["schema"], "components": document["components"]}
                    jsonschema.validate(content["example"], schema), path


def test_examples_are_such_as_the_server_takes(http: httpx.Client, document: dict[str, Any]) -> None:
    example = document["paths"]["/api/v1/flows"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert http.post("/api/v1/flows", json=example).status_code == 201
    http.post("/api/v1/flows", json={"text": FLOW}).raise_for_status()
    listed = http.get("/api/v1/flows").json()
    schema = document["paths"]["/api/v1/flows"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(listed, {**schema, "components": document["components"]})
