"""What the OpenAPI document says is so, whatever is sent: cases are made from it, and sent by three kinds of caller."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dix.api.rights import RIGHTS, Of
from dix.records.member import Role
from tests.api.people import Things, add_person, give_token, make_things
from tests.api.server import TOKEN, Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CASES = 3  # of each operation, for each caller
LIMIT_S = 20.0  # for each caller; later operations have fewer cases when it is reached


@pytest.fixture(scope="module")
def things(server: Server) -> Things:
    found = make_things(server, "mine")
    add_person(server, "uma", {"mine": Role.USER})
    return found


@pytest.fixture(scope="module")
def tokens(server: Server, things: Things) -> dict[str, str | None]:
    return {"administrator": TOKEN, "user": give_token(server, "uma"), "nobody": None}


@pytest.fixture(scope="module")
def operations(server: Server) -> list[Any]:
    with server.open(token=None) as http:
        document = http.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url)
    return [result.ok() for result in schema.get_all_operations()]


@pytest.mark.parametrize("caller", ["administrator", "user", "nobody"])
def test_no_answer_is_other_than_the_document_says(
    operations: list[Any], things: Things, tokens: dict[str, str | None], caller: str
) -> None:
    begun = time.monotonic()
    headers = {} if tokens[caller] is None else {"Authorization": f"Bearer {tokens[caller]}"}
    wrong: list[str] = []
    for operation in operations:
        is_late = time.monotonic() - begun > LIMIT_S
        send_cases(operation, headers, things, 1 if is_late or not headers else CASES, wrong)
    assert not wrong, "\n\n".join(wrong)


def send_cases(operation: Any, headers: dict[str, str], things: Things, cases: int, wrong: list[str]) -> None:
    """Send some; what is wrong is added to the list."""

    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = [] if not operation.body and not operation.query else [_make_bad(operation)]

    @given(case=strategies.one_of(good, *bad), is_about_something=strategies.booleans())
    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, is_about_something: bool) -> None:
        if operation.method != "delete" and is_about_something:
            case.path_parameters = {**(case.path_parameters or {}), **find_names(operation.path, things)}
        if "wait" in (case.query or {}):
            case.query["wait"] = 0
        case.headers.pop("Authorization", None)
        answer = case.call(headers=headers, timeout=30)
        try:
            case.validate_response(answer, checks=CHECKS, headers=headers)
            if not headers and RIGHTS[operation.definition.raw["operationId"]].of is not Of.OPEN:
                assert answer.status_code == 401, operation.label
        except (AssertionError, BaseExceptionGroup) as error:
            told = "\n".join(map(str, getattr(error, "exceptions", (error,))))
            wrong.append(f"{operation.label}: {told}")

    send()


def _make_bad(operation: Any) -> Any:
    """Cases that are against the document."""
    return operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def find_names(path: str, things: Things) -> dict[str, Any]:
    """The names of things that are there, for what an address names."""
    kind = path.split("/")[3] if path.startswith("/api/v1/") and path.count("/") > 3 else ""
    name = {"projects": "mine", "users": "uma"}.get(kind, f"mine-{kind.removesuffix('s')}")
    found: dict[str, Any] = {"name": name, "id": things.run, "version": 1, "user": "uma"}
    return {field: value for field, value in found.items() if f"{{{field}}}" in path}


def test_nothing_is_readable_without_a_token(server: Server, http: httpx.Client) -> None:
    with server.open(token=None) as stranger:
        for path in ("runs", "flows", "models", "audit", "users", "tokens", "data?uri=", "events", "usage", "status"):
            answer = stranger.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:dix:problem:not-authenticated")
