"""Whose turn it is: priority, then fair share within a cohort, then age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dix.quota.book import QuotaBook
from dix.quota.turns import Waiter, choose_next
from dix.records.project import Project, Quota

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def waiter(minute: int, priority: int = 0) -> Waiter:
    return Waiter(priority, NOON + timedelta(minutes=minute), f"r{minute}")


def make_book(**used: float) -> QuotaBook:
    """vision and speech share a cohort, and have 4 GPU each; robots is alone, and default has no limits."""
    quotas = {"gpu": Quota(4)}
    book = QuotaBook(
        [
            Project("vision", NOON, "research", quotas=quotas),
            Project("speech", NOON, "research", quotas=quotas),
            Project("robots", NOON, None, quotas=quotas),
            Project("default", NOON),
        ]
    )
    for name, gpu in used.items():
        book.add(name, {"gpu": gpu})
    return book


def test_the_greatest_priority_goes_first_whatever_is_used() -> None:
    assert choose_next({"vision": waiter(1), "speech": waiter(2, priority=1)}, make_book(speech=4)) == "speech"


def test_within_a_cohort_the_least_share_goes_first() -> None:
    waiters = {"vision": waiter(1), "speech": waiter(2)}
    assert choose_next(waiters, make_book(vision=2, speech=1)) == "speech"
    assert choose_next(waiters, make_book(vision=1, speech=2)) == "vision"
    assert choose_next(waiters, make_book()) == "vision", "the older one when they use the same"


def test_who_need_not_borrow_goes_before_who_must() -> None:
    book = QuotaBook(
        [
            Project("vision", NOON, "c", quotas={"gpu": Quota(4)}),
            Project("guest", NOON, "c", quotas={"gpu": Quota(0)}),
        ]
    )
    book.add("vision", {"gpu": 3})
    waiters = {"guest": Waiter(0, NOON, "r1", {"gpu": 1}), "vision": Waiter(0, NOON, "r2", {"gpu": 1})}
    assert choose_next(waiters, book) == "vision"
    book.add("vision", {"gpu": 1})
    assert choose_next(waiters, book) == "guest"


def test_between_cohorts_the_oldest_goes_first() -> None:
    book = make_book(vision=4, robots=4)
    assert choose_next({"vision": waiter(1), "robots": waiter(2), "default": waiter(3)}, book) == "vision"
    assert choose_next({"vision": waiter(2), "robots": waiter(3), "default": waiter(1)}, book) == "default"
    assert choose_next({"vision": waiter(2), "robots": waiter(1), "default": waiter(3)}, book) == "robots"


def test_a_cohort_sends_its_fairest_also_when_another_of_it_is_older() -> None:
    waiters = {"vision": waiter(1), "speech": waiter(3), "default": waiter(2)}
    assert choose_next(waiters, make_book(vision=1)) == "default"
    del waiters["default"]
    assert choose_next(waiters, make_book(vision=1)) == "speech"
