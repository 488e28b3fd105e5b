"""What a project may use: its own, what its cohort leaves, and never more than there is."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.quota.book import QuotaBook, Short
from dix.records.project import Project, Quota

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def project(name: str, cohort: str | None = "research", **quotas: Quota) -> Project:
    return Project(name, NOON, cohort, quotas=quotas)


def take(book: QuotaBook, name: str, key: str, gpu: float) -> bool:
    if book.find_short(name, {"gpu": gpu}) is not None:
        return False
    book.take(key, name, key, 0, {"gpu": gpu})
    return True


def take_all(book: QuotaBook, name: str, count: int = 100) -> int:
    return sum(take(book, name, f"{name}{i}", 1) for i in range(count))


def test_a_project_uses_its_nominal_quota_and_no_more() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(4))])
    assert take_all(book, "vision") == 4
    assert book.find_short("vision", {"gpu": 1}) == Short("vision", "gpu", 1, 1)
    book.release("vision0")
    book.release("vision0")
    assert take_all(book, "vision") == 1


def test_what_has_no_quota_has_no_limit() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(4))])
    assert book.find_short("vision", {"cpu": 1e6, "steps": 1}) is None
    assert book.find_short("unknown", {"gpu": 1e6}) is None


def test_what_others_leave_can_be_borrowed_up_to_the_limit() -> None:
    book = QuotaBook([project("vision", gpu=Quota(4, borrowing_limit=1)), project("speech", gpu=Quota(4))])
    assert take_all(book, "vision") == 5
    assert take_all(book, "speech") == 3, "all that is left of the pool"
    assert book.find_short("speech", {"gpu": 1}) == Short("speech", "gpu", 1, 1, in_cohort=True)
    book.release("vision0")
    assert take(book, "speech", "x", 1)
    assert not take(book, "speech", "y", 1)


def test_what_is_not_lent_stays_with_its_project() -> None:
    book = QuotaBook([project("vision", gpu=Quota(4, lending_limit=1)), project("speech", gpu=Quota(2))])
    assert take_all(book, "speech") == 3
    assert take_all(book, "vision") == 3


def test_what_could_never_be_had_is_told_apart() -> None:
    book = QuotaBook([project("vision", gpu=Quota(4)), project("speech", gpu=Quota(2, lending_limit=1))])
    assert book.find_short("vision", {"gpu": 5}) is None
    short = book.find_short("vision", {"gpu": 6})
    assert short is not None
    assert short.is_never


def test_an_amount_of_nothing_asks_whether_the_quota_is_exceeded() -> None:
    book = QuotaBook([project("vision", None, disk=Quota(100))])
    book.add("vision", {"disk": 100.0})
    assert book.find_short("vision", {"disk": 0.0}) is None
    book.add("vision", {"disk": 1.0})
    assert book.find_short("vision", {"disk": 0.0}) == Short("vision", "disk", 0, 1)


def test_a_neighbour_that_is_over_its_quota_does_not_stop_who_is_within_its_own() -> None:
    book = QuotaBook([project("vision", disk=Quota(10)), project("speech", disk=Quota(10))])
    book.add("speech", {"disk": 25.0})
    book.add("vision", {"disk": 1.0})
    assert book.find_short("vision", {"disk": 0.0}) is None
    assert book.find_short("speech", {"disk": 0.0}) is not None
    assert (book.is_over("vision"), book.is_over("speech"), book.is_over("unknown")) == (False, True, False)


def test_a_project_is_over_when_its_quota_becomes_less_than_it_uses() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(2))])
    assert take(book, "vision", "a", 2)
    assert not book.is_over("vision")
    book.set_projects([project("vision", None, gpu=Quota(1))])
    assert book.is_over("vision")


def test_what_a_run_holds_follows_its_priority() -> None:
    book = QuotaBook()
    for key, run in (("a", "r1"), ("b", "r2")):
        book.take(key, "vision", run, 0, {"gpu": 1})
    book.set_priority("r1", 7)
    assert (book.lift("a").priority, book.lift("b").priority) == (7, 0)


def test_new_quotas_leave_what_is_used_and_hold_from_then_on() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(4))])
    assert take_all(book, "vision") == 4
    book.set_projects([project("vision", None, gpu=Quota(2))])
    assert book.used("vision", "gpu") == 4
    for i in range(2):
        book.release(f"vision{i}")
        assert not take(book, "vision", "x", 1)
    book.release("vision2")
    assert take(book, "vision", "x", 1)


def test_slots_are_passed_on_within_a_project() -> None:
    book = QuotaBook([project("vision", None, gpu=Quota(1))])
    assert take(book, "vision", "a", 1)
    book.pass_on("a", "b")
    book.release("a")
    assert not take(book, "vision", "c", 1)
    book.release("b")
    assert take(book, "vision", "c", 1)


@pytest.mark.parametrize(
    ("used", "share"), [({}, 0), ({"gpu": 1.0}, 0.25), ({"gpu": 1.0, "cpu": 6.0}, 0.75), ({"fpga": 9.0}, 0)]
)
def test_a_share_is_that_of_the_dominant_resource(used: dict[str, float], share: float) -> None:
    book = QuotaBook([project("vision", gpu=Quota(4), cpu=Quota(8))])
    book.add("vision", used)
    assert book.share("vision") == share


def test_who_has_nothing_of_its_own_and_uses_something_has_the_greatest_share() -> None:
    book = QuotaBook([project("guest", gpu=Quota(0)), project("vision", gpu=Quota(4))])
    assert book.share("guest") == 0
    assert take(book, "guest", "a", 1)
    assert book.share("guest") == float("inf")


RESOURCES = ("gpu", "cpu")


def some_projects(chance: random.Random) -> list[Project]:
    def some_quota() -> Quota:
        limits = [None, 0.0, 1.0, 2.0]
        return Quota(float(chance.randint(0, 4)), chance.choice(limits), chance.choice(limits))

    return [
        Project(
            name,
            NOON,
            chance.choice([None, "a", "b"]),
            quotas={resource: some_quota() for resource in RESOURCES if chance.random() < 0.8},
        )
        for name in ("p", "q", "r")
    ]


def check(book: QuotaBook, projects: list[Project]) -> None:
    """Every rule, worked out anew from what is used."""
    for resource in RESOURCES:
        for cohort in {one.cohort for one in projects}:
            members = [one for one in projects if one.cohort == cohort and resource in one.quotas]
            pool, drawn = 0.0, 0.0
            for one in members:
                quota, used = one.quotas[resource], book.used(one.name, resource)
                limit = quota.borrowing_limit if cohort else 0.0
                assert limit is None or used <= quota.nominal + limit + 1e-6
                lent = quota.nominal if quota.lending_limit is None else min(quota.nominal, quota.lending_limit)
                pool += lent
                drawn += max(0.0, used - (quota.nominal - lent))
            assert cohort is None or drawn <= pool + 1e-6


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_no_quota_is_ever_exceeded_and_what_is_ones_own_can_be_had(chance: random.Random, count: int) -> None:
    projects = some_projects(chance)
    book = QuotaBook(projects)
    held: dict[int, tuple[str, dict[str, float]]] = {}
    for i in range(count):
        name = chance.choice(projects).name
        amounts = {resource: chance.choice([0.5, 1.0, 2.0]) for resource in RESOURCES if chance.random() < 0.7}
        if book.find_short(name, amounts) is None:
            book.take(i, name, f"r{i}", 0, amounts)
            held[i] = name, amounts
        if held and chance.random() < 0.4:
            gone = chance.choice(list(held))
            del held[gone]
            book.release(gone)
        if chance.random() < 0.1:  # a crash: the book is made anew from what is found running
            book = QuotaBook(projects)
            for key, (owner, taken) in held.items():
                book.take(key, owner, f"r{key}", 0, taken)
        check(book, projects)
    for key in held:
        book.release(key)
    for one in projects:
        assert book.list_used(one.name) == {}
        for resource, quota in one.quotas.items():
            assert book.find_short(one.name, {resource: quota.nominal}) is None, "nobody borrows, and it is not there"


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_after_a_change_of_quotas_nothing_is_given_beyond_them(chance: random.Random, count: int) -> None:
    book = QuotaBook(some_projects(chance))
    projects = some_projects(chance)
    for i in range(count):
        name = chance.choice("pqr")
        amounts = {"gpu": chance.choice([0.5, 1.0, 2.0])}
        if i == count // 2:
            before = {one: book.used(one, "gpu") for one in "pqr"}
            book.set_projects(projects)
            assert {one: book.used(one, "gpu") for one in "pqr"} == before
        if book.find_short(name, amounts) is None:
            book.take(i, name, f"r{i}", 0, amounts)
            known = book.find_project(name)
            quota = known.quotas.get("gpu") if known else None
            if quota is not None and known is not None and known.cohort is None:
                assert book.used(name, "gpu") <= quota.nominal + 1e-6
