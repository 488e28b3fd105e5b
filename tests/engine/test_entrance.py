"""Runs wait at the entrance until their project may run one more."""

from __future__ import annotations

from datetime import timedelta

from dix.engine.entrance import Entrance, TakeUp
from dix.engine.plan import Plan
from dix.quota.book import QuotaBook
from dix.records.moments import now
from dix.records.project import Project, Quota
from dix.records.run import Run

NOON = now()


def taken(run: str, second: int, project: str = "vision", priority: int = 0) -> TakeUp:
    record = Run(run, "f", 1, NOON + timedelta(seconds=second), project, priority=priority)
    return TakeUp(record, (), Plan("f", 1, ()))


def let_in(entrance: Entrance, book: QuotaBook) -> list[str]:
    return [one.run.id for one in entrance.let_in(book)]


def test_as_many_runs_go_in_as_the_quota_has_room_for() -> None:
    book = QuotaBook([Project("vision", NOON, quotas={"runs": Quota(2)})])
    entrance = Entrance()
    for i in range(4):
        entrance.add(taken(f"r{i}", i))
    entrance.add(taken("other", 9, project="default"))
    assert let_in(entrance, book) == ["r0", "r1", "other"]
    assert let_in(entrance, book) == []
    (first, second) = entrance.explain(book)
    assert (first.id, first.expect, first.to) == ("r2", "queued", "queued")
    assert first.reason == "project vision uses 2 of 2 concurrent runs: runs r0, r1; goes on when one of them ends"
    assert second.id == "r3"
    assert entrance.explain(book) == [], "a reason that stays is not written again"
    book.release("r0")
    assert let_in(entrance, book) == ["r2"]


def test_the_greater_priority_goes_in_first_also_when_it_is_changed() -> None:
    book = QuotaBook([Project("vision", NOON, quotas={"runs": Quota(1)})])
    entrance = Entrance()
    for i, priority in enumerate([0, 0, 5]):
        entrance.add(taken(f"r{i}", i, priority=priority))
    assert let_in(entrance, book) == ["r2"]
    entrance.explain(book)
    move = entrance.set_priority("r1", 7)
    assert move is not None
    assert (move.priority, move.reason) == (
        7,
        "project vision uses 1 of 1 concurrent runs: run r2; goes on when one of them ends",
    )
    assert entrance.set_priority("r9", 7) is None
    book.release("r2")
    assert let_in(entrance, book) == ["r1"]
    entrance.remove("r0")
    assert not entrance
