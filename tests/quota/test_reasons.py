"""Every refusal is a sentence with names and numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from dix.quota.book import QuotaBook
from dix.quota.reasons import explain_short
from dix.records.project import Project, Quota

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def project(name: str, cohort: str | None, **quotas: Quota) -> Project:
    return Project(name, NOON, cohort, quotas={key.replace("_", ":"): quota for key, quota in quotas.items()})


def take(book: QuotaBook, name: str, run: str, node: str, **amounts: float) -> None:
    book.take((run, node), name, run, 0, amounts)


def why(book: QuotaBook, name: str, amounts: dict[str, float]) -> str:
    short = book.find_short(name, amounts)
    assert short is not None
    return explain_short(book, short)


def test_a_full_project_names_its_runs() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(4))])
    for run, node in (("r12", "a"), ("r12", "b"), ("r15", "a"), ("r15", "b")):
        take(book, "vision", run, node, gpu=1)
    assert why(book, "vision", {"gpu": 1}) == (
        "project vision uses 4 of 4 GPU: runs r12, r15; goes on when one of them ends"
    )


def test_who_would_borrow_is_told_what_has_to_end() -> None:
    book = QuotaBook([project("vision", "research", gpu=Quota(4)), project("speech", "research", gpu=Quota(2))])
    take(book, "vision", "r12", "a", gpu=3)
    take(book, "vision", "r15", "a", gpu=1)
    take(book, "speech", "r9", "a", gpu=2)
    assert why(book, "vision", {"gpu": 1}) == (
        "project vision uses 4 of 4 GPU: runs r12, r15; would borrow 1 when r9 of project speech ends"
    )


def test_who_wants_its_own_back_is_told_who_has_it() -> None:
    book = QuotaBook([project("vision", "research", gpu=Quota(4)), project("speech", "research", gpu=Quota(0))])
    take(book, "vision", "r1", "a", gpu=2)
    take(book, "speech", "r9", "a", gpu=1)
    take(book, "speech", "r10", "a", gpu=1)
    assert why(book, "vision", {"gpu": 2}) == (
        "project vision uses 2 of 4 GPU: run r1; 2 of it are lent; "
        "goes on when r9 of project speech and r10 of project speech end"
    )


def test_a_borrowing_limit_is_named() -> None:
    book = QuotaBook([project("vision", "c", gpu=Quota(1, borrowing_limit=1)), project("speech", "c", gpu=Quota(9))])
    take(book, "vision", "r1", "a", gpu=2)
    assert why(book, "vision", {"gpu": 1}) == "project vision uses 2 of 1 GPU: run r1; it may borrow 1 at most"


def test_what_can_never_be_is_told_with_what_to_do() -> None:
    alone = QuotaBook([project("vision", None, gpu_H100=Quota(1))])
    assert why(alone, "vision", {"gpu:H100": 2}) == (
        "asks for 2 GPU of type H100, and project vision may use 1; `dix projects quota vision` changes that"
    )
    several = QuotaBook([project("vision", "c", gpu=Quota(1, borrowing_limit=1)), project("speech", "c", gpu=Quota(4))])
    assert why(several, "vision", {"gpu": 3}) == (
        "asks for 3 GPU, and project vision may use 1 and what its cohort c lends, up to 1; "
        "`dix projects quota vision` changes that"
    )


def test_sizes_and_counts_have_their_words() -> None:
    book = QuotaBook([project("vision", None, memory=Quota(2.0**32), runs=Quota(1), disk=Quota(2.0**31))])
    take(book, "vision", "r1", "a", memory=2.0**32, runs=1)
    assert why(book, "vision", {"memory": 1.0}).startswith("project vision uses 4 GiB of 4 GiB memory: run r1")
    assert why(book, "vision", {"runs": 1}).startswith("project vision uses 1 of 1 concurrent runs: run r1")
    book.add("vision", {"disk": 2.0**32})
    assert why(book, "vision", {"disk": 0.0}) == (
        "project vision uses 4 GiB of 2 GiB disk in the store; "
        "no step of it starts until `dix projects quota vision` raises that"
    )
