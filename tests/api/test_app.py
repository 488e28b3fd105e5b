"""The application as a whole, and what it publishes about itself."""

from __future__ import annotations

import httpx
import pytest

from dix.api.errors import find_status
from dix.errors import (
    BadDocument,
    BucketMissing,
    CatalogError,
    DixError,
    NotFound,
    NotYet,
    RunEnded,
    StoreUnreachable,
    WrongUse,
)


@pytest.fixture
def schema(http: httpx.Client) -> dict:
    document: dict = http.get("/api/v1/openapi.json").json()
    return document


def test_the_schema_is_openapi_3_1_with_all_routes(schema: dict) -> None:
    assert schema["openapi"].startswith("3.1")
    paths = set(schema["paths"])
    assert {"/api/v1/runs", "/api/v1/runs/{id}/logs", "/api/v1/data/file", "/api/v1/flows/check", "/v2"} <= paths


def test_every_operation_has_a_name_of_its_own_and_a_description(schema: dict) -> None:
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation.get("description") for operation in operations)


def test_bodies_say_that_nothing_else_may_be_in_them(schema: dict) -> None:
    for name in ("RunBody", "FlowBody", "PredictionBody", "EndpointBody"):
        assert schema["components"]["schemas"][name]["additionalProperties"] is False


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_nothing_else_is_served(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (DixError, 500),
        (WrongUse, 400),
        (BadDocument, 422),
        (NotFound, 404),
        (NotYet, 501),
        (BucketMissing, 502),
        (StoreUnreachable, 503),
        (CatalogError, 500),
        (RunEnded, 500),
    ],
)
def test_each_error_has_a_status(kind: type[DixError], status: int) -> None:
    assert find_status(kind("a", "b", "c", "d")) == status
