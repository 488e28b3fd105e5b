"""Answers every failure with one RFC 9457 problem document, and never with a traceback."""

from __future__ import annotations

import json
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dix.api.errors import find_status
from dix.errors import BadValue, DixError, NotFound, PlatformError, WrongUse
from dix.logs import get_logger
from dix.records.failure import to_problem
from dix.serve.headers import HEADERS

# Where pydantic speaks of its own insides, or says what is wrong and not what was expected.
_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no field of this name",
    "json_invalid": "JSON",
    "dict_type": "a JSON object",
    "model_type": "a JSON object",
    "model_attributes_type": "a JSON object",
}
# Fields whose values no answer repeats.
_SECRET = frozenset({"value", "password", "secret", "token", "code", "old", "new"})
_KINDS: dict[type, str] = {type(None): "null", dict: "an object", list: "a list", bytes: "bytes"}

_log = get_logger("api")


class ProblemAnswer(BaseModel):
    """What stands in every answer that is not a success."""

    type: str = Field(description="A stable name for programs: urn:dix:problem:not-found")
    title: str
    status: int
    detail: str = Field(description="One sentence for a person")
    facts: dict[str, Any] = Field(description="The parts of the sentence by name")
    problems: list[dict[str, Any]] = Field(
        default=[], description="For documents: everything that is wrong, each with node, field, rule, message, nearest"
    )


def make_problem_response(
    error: DixError, request: Request | None = None, *, status: int | None = None, **extra: Any
) -> Response:
    """The answer for an error; under /v2 in the words of the Open Inference Protocol."""
    code = status or find_status(error)
    document: dict[str, Any] = to_problem(error) | {"status": code} | extra
    media, separators = "application/problem+json", (", ", ": ")
    if request is not None and request.url.path.startswith("/v2"):
        # Byte for byte as replicas say it: who may not see an endpoint must not see either which of the two refused.
        document, media, separators = {"error": document["detail"]}, "application/json", (",", ":")
    # The last resort is made outside of the guard, which adds the headers to everything else.
    headers = HEADERS | ({"WWW-Authenticate": "Bearer"} if code == 401 else {})
    # Plain ASCII: a text that was sent to us may hold half a surrogate pair, which UTF-8 cannot say.
    return Response(json.dumps(document, separators=separators), code, headers, media)


def add_problem_handlers(app: FastAPI) -> None:
    """Teach the application to answer with problem documents only."""
    app.add_exception_handler(DixError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_bad_request)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(Exception, _answer_surprise)


async def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DixError)  # noqa: S101 - Starlette's handler type is wider than what it passes
    status = find_status(error)
    if status >= 500 and status != 501:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    return make_problem_response(error, request)


async def _answer_bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    findings = error.errors()
    return make_problem_response(
        _make_sentence(findings[0]), request, problems=[_describe(finding) for finding in findings]
    )


def _describe(finding: dict[str, Any]) -> dict[str, Any]:
    """One finding of pydantic in the words of a problem."""
    wrong = _make_sentence(finding)
    message = f"expected {wrong.fact('expected')}, got {wrong.fact('got')!r}"
    return {
        "node": None,
        "field": None if finding["type"] == "json_invalid" else _find_place(finding) or None,
        "rule": finding["type"],
        "message": message,
        "nearest": None,
    }


def _make_sentence(finding: dict[str, Any]) -> BadValue:
    """What was expected and what came, in one sentence; a big value is told by its kind."""
    kind, got = finding["type"], finding.get("input")
    expected = _EXPECTED.get(kind) or str(finding["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    if kind == "json_invalid":  # its place is a number of characters, and what came is no value yet
        return BadValue("body", expected, f"{finding['ctx']['error']} at character {_find_place(finding)}")
    if kind == "missing":
        got = "nothing"
    elif kind == "extra_forbidden":  # it may be a secret under a name that was misspelled
        got = "one"
    elif _is_secret(finding):
        got = "something else"
    elif not isinstance(got, str | int | float):
        got = _KINDS.get(type(got), "something else")
    return BadValue(_find_place(finding) or "body", expected, got)


def _is_secret(finding: dict[str, Any]) -> bool:
    """Whether what came may be secret: it may also be that alone, in the place of a whole body."""
    place = _find_place(finding)
    return place.rpartition(".")[2] in _SECRET or (not place and isinstance(finding.get("input"), str | int | float))


def _find_place(finding: dict[str, Any]) -> str:
    return ".".join(str(part) for part in finding["loc"][1:])


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 404:
        return make_problem_response(NotFound("address", request.url.path), request)
    if error.status_code == 405:
        return make_problem_response(WrongUse(f"{request.method} is not for {request.url.path}"), request, status=405)
    return make_problem_response(WrongUse(str(error.detail)), request, status=error.status_code)


async def _answer_surprise(request: Request, error: Exception) -> Response:
    """Something we did not foresee: the answer has an id, the log has the id and the traceback."""
    name = uuid.uuid4().hex[:12]
    _log.error("error %s in %s %s", name, request.method, request.url.path, exc_info=error)
    sentence = f"the server failed in a way nobody foresaw; its log has the details under {name}"
    return make_problem_response(PlatformError(sentence), request, id=name)
