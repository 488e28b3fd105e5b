"""The OpenAPI document: what FastAPI knows of the routes, and what is true of all of them.

Which errors an operation can have follows from what it is: whether a token is wanted, whether something is named in its
address, whether it changes anything. So no route has to say it, and none can forget to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from dix.api.examples import add_examples
from dix.api.guard import UNLIMITED
from dix.api.keys import EXEMPT, HEADER, REPEATED
from dix.api.problems import ProblemAnswer
from dix.api.rights import RIGHTS, Of

Operation = dict[str, Any]

_PROBLEM = "application/problem+json"
_ERRORS = {
    401: "No token, or one that is not known",
    403: "The caller may see it, and may not do this",
    404: "Nothing of that name is there, or the caller may not see it",
    409: "It is not in a state in which this can be done, or its name is taken",
    412: "It is not what `If-Match` says was read, or what `If-None-Match` must not be there",
    413: "The body is too large",
    422: "A field, a parameter or the document is wrong",
    429: "Too often in a short time",
    500: "The server failed in a way nobody foresaw",
    501: "Planned, and not there yet",
    502: "The object store, a model's replicas, or where people sign in, failed",
    503: "What the server stands on does not answer; trying again may help",
}
_INFERENCE_ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A name for this request: sent again with it, it is answered again and done once (24 hours)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "5f2c6f0e-3b1d-4a7c-9d5e-0c8f1b2a3d4e",
}


def use_whole_document(app: FastAPI) -> None:
    """Let the application show this document in place of FastAPI's own."""
    make_plain = app.openapi
    document: dict[str, Any] = {}

    def make_whole() -> dict[str, Any]:
        if not document:
            document.update(_complete(make_plain()))
        return document

    app.openapi = make_whole  # type: ignore[method-assign]


def walk_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Each operation with its method and path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    schemas["Problem"] = ProblemAnswer.model_json_schema()
    document["servers"] = [{"url": "/", "description": "This server"}]
    for method, path, operation in walk_operations(document):
        operation["summary"] = _make_summary(operation)
        for status in _find_statuses(method, path, operation):
            operation["responses"].setdefault(str(status), _make_problem(path, _ERRORS[status]))
        operation["responses"]["default"] = _make_problem(path, "A problem document (RFC 9457)")
        if method == "post" and path.startswith("/api/v1/") and path not in EXEMPT | UNLIMITED:
            operation.setdefault("parameters", []).append(_KEY)
        _add_headers(method, operation)
        if RIGHTS[operation["operationId"]].of is Of.OPEN:
            operation["security"] = []
    add_examples(document)
    return document


def _make_summary(operation: Operation) -> str:
    """The first sentence of what is said of it, which is what its function says of itself."""
    return str(operation["description"]).split("\n")[0].split("; ")[0].removesuffix(".")


def _find_statuses(method: str, path: str, operation: Operation) -> list[int]:
    parameters = operation.get("parameters", [])
    has_body, changes = "requestBody" in operation or path in UNLIMITED, method != "get"
    headers = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
    is_open = RIGHTS[operation["operationId"]].of is Of.OPEN
    is_elsewhere = "/oidc" in path  # what is asked there may fail as the provider does
    rules: dict[int, bool] = {
        401: not is_open or "login" in path,
        403: not is_open,
        404: bool(parameters) or has_body,
        409: changes or is_elsewhere,
        412: "If-Match" in headers,
        413: has_body and path not in UNLIMITED,
        422: bool(parameters) or has_body or method == "post",
        429: "login" in path or path.endswith("/password"),
        501: has_body,
        502: not is_open or is_elsewhere,
        500: True,
        503: not is_open or is_elsewhere,
    }
    return sorted(status for status, is_so in rules.items() if is_so)


def _make_problem(path: str, description: str) -> dict[str, Any]:
    """A problem; under /v2 in the words of the Open Inference Protocol."""
    if path.startswith("/v2"):
        return {"description": description, "content": {"application/json": {"schema": _INFERENCE_ERROR}}}
    return {"description": description, "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _add_headers(method: str, operation: Operation) -> None:
    """The headers of answers: the tag of a document, and whether an answer is one that was given before."""
    given = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
    responses = operation["responses"]
    good = [responses[status] for status in responses if status.startswith("2")]
    if given & {"If-Match", "If-None-Match"}:
        for response in good:
            response.setdefault("headers", {})["ETag"] = _header("The tag of the document as it is now")
    if method == "get" and "If-None-Match" in given:
        responses["304"] = {"description": "It has not changed since it was read"}
    if HEADER in given:
        for response in good:
            response.setdefault("headers", {})[REPEATED] = _header("true, when the answer was given before")


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}
