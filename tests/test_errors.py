"""The sentences of the errors: what was expected, what came, what to do."""

from __future__ import annotations

import pytest

from dix.errors import (
    AlreadyExists,
    BadData,
    BadDocument,
    BadValue,
    BucketMissing,
    ChecksumMismatch,
    Conflict,
    DixError,
    NotAuthenticated,
    NotFound,
    NotYet,
    PlatformError,
    Problem,
    RunEnded,
    StoreDenied,
    StoreError,
    Unreachable,
    WrongUse,
)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DixError("it broke"), "it broke"),
        (DixError(), "DixError"),
        (BadValue("epochs", "a number", "many"), "epochs: expected a number, got 'many'"),
        (BadValue("epochs", "a number", "many", "try 3"), "epochs: expected a number, got 'many'; try 3"),
        (NotFound("flow", "digts", "digits"), "no flow digts; did you mean digits?"),
        (NotFound("flow", "faces"), "no flow faces"),
        (AlreadyExists("model", "digits"), "there is already a model digits; choose another name"),
        (Conflict("run", "r1", "succeeded", "cancelled"), "run r1 is succeeded, so it cannot be cancelled"),
        (NotYet("a sub-flow"), "a sub-flow is not there yet"),
        (NotYet("a sub-flow", "write its nodes out"), "a sub-flow is not there yet; write its nodes out"),
        (BadData("file:///a.csv", "has no column label"), "file:///a.csv: has no column label"),
        (RunEnded("r1", "failed", "cnn: no memory"), "run r1 failed: cnn: no memory"),
        (RunEnded("r1", "cancelled", None), "run r1 cancelled"),
    ],
)
def test_an_error_reads_as_a_sentence(error: DixError, sentence: str) -> None:
    assert str(error) == sentence


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NotAuthenticated("http://h:1"), "DIX_TOKEN"),
        (BucketMissing("s3://b", "b"), "create it, or correct DIX_STORE"),
        (StoreDenied("s3://b", "403"), "AWS_SECRET_ACCESS_KEY"),
        (Unreachable("http://h:1", "refused"), "`dix up` starts it"),
        (ChecksumMismatch("s3://b/x", "aa", "bb"), "its checksum is bb, aa was written"),
    ],
)
def test_an_error_says_what_to_do(error: DixError, advice: str) -> None:
    assert advice in str(error)


def test_facts_are_the_arguments_by_name() -> None:
    error = NotFound("flow", "digts", "digits")
    assert error.facts() == {"kind": "flow", "name": "digts", "nearest": "digits"}
    assert error.fact("nearest") == "digits"
    assert NotFound("flow", "digts").fact("nearest") is None


def test_the_fault_of_the_user_and_of_the_platform_are_told_apart() -> None:
    assert issubclass(NotFound, WrongUse)
    assert not issubclass(NotFound, PlatformError)
    assert issubclass(BucketMissing, StoreError)
    assert issubclass(StoreError, PlatformError)


def test_a_problem_says_where_and_what_was_meant() -> None:
    problem = Problem("cnn", "framework", "unknown", "there is no framework torc", "torch")
    assert str(problem) == "cnn.framework: there is no framework torc (did you mean 'torch'?)"
    assert str(Problem(None, None, "empty", "the document is empty")) == "the document is empty"


def test_a_bad_document_counts_its_problems() -> None:
    problems = tuple(Problem("a", None, "rule", f"wrong {i}") for i in range(7))
    assert str(BadDocument(problems[:1])) == "the flow document has 1 problem: a: wrong 0"
    assert str(BadDocument(problems)).startswith("the flow document has 7 problems: a: wrong 0; ")
    assert [item["message"] for item in BadDocument(problems).facts()["problems"]] == [f"wrong {i}" for i in range(7)]
