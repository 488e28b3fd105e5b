"""Errors become problem documents, and the same errors again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dix.errors import BadDocument, BadValue, DixError, NotFound, PlatformError, Problem, WrongUse
from dix.records.failure import from_problem, to_problem


def find_classes(kind: type[DixError] = DixError) -> Iterator[type[DixError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from find_classes(child)


def make(kind: type[DixError]) -> DixError:
    if issubclass(kind, BadDocument):
        return kind((Problem("cnn", "framework", "unknown", "there is no framework torc", "torch"),))
    return kind(*(f"the {name} 名" for name in kind.NAMES))


@pytest.mark.parametrize("kind", sorted(set(find_classes()), key=lambda kind: kind.__name__), ids=lambda k: k.__name__)
def test_an_error_comes_back_as_it_was(kind: type[DixError]) -> None:
    before = make(kind)
    after = from_problem(json.loads(json.dumps(to_problem(before))))
    assert type(after) is kind
    assert after.args == before.args
    assert str(after) == str(before)


def test_the_document_has_a_stable_type_and_the_facts() -> None:
    document = to_problem(NotFound("run", "r1", "r2"))
    assert document["type"] == "urn:dix:problem:not-found"
    assert document["title"] == "Not found"
    assert document["detail"] == "no run r1; did you mean r2?"
    assert document["facts"] == {"kind": "run", "name": "r1", "nearest": "r2"}


def test_facts_that_json_cannot_say_become_text() -> None:
    facts = to_problem(BadValue("rate", "a number", float("nan"), {1: (2, object)}))["facts"]
    assert facts["got"] == "nan"
    assert facts["todo"]["1"][0] == 2
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": "about:blank", "status": 404, "title": "gone"}, WrongUse),
        ({"type": "urn:dix:problem:made-up-later", "status": 503, "detail": "busy"}, PlatformError),
        ({"type": "urn:dix:problem:not-found", "status": 404, "detail": "no facts"}, WrongUse),
        ({"type": "urn:dix:problem:bad-value", "status": 422, "detail": "x", "facts": {"got": 1}}, WrongUse),
        ({"type": "urn:dix:problem:bad-value", "status": 422, "detail": "x", "facts": {"field": 1}}, WrongUse),
        ({"type": "urn:dix:problem:not-found", "status": 404, "detail": "x", "facts": {"kind": 1}}, WrongUse),
        ({"type": "urn:dix:problem:bad-document", "status": 422, "problems": [7, None]}, BadDocument),
        ({"status": "many"}, PlatformError),
        ({}, PlatformError),
    ],
)
def test_a_document_of_another_make_is_still_an_error(document: dict, kind: type[DixError]) -> None:
    error = from_problem(document)
    assert type(error) is kind
    assert str(error)
