"""Whose turn it is among projects that want to go on: by priority, then fair share within a cohort, then age. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dix.quota.book import QuotaBook


@dataclass(frozen=True, slots=True)
class Waiter:
    """The first of a project's runs that wait: the one of the greatest priority, among these the oldest."""

    priority: int
    created: datetime
    run: str
    amounts: Mapping[str, float] = field(default_factory=dict)  # what it wants

    def rank(self) -> tuple[int, datetime, str]:
        """Smaller goes first."""
        return -self.priority, self.created, self.run


def choose_next(waiters: Mapping[str, Waiter], book: QuotaBook) -> str:
    """The project whose first waiter goes next.

    Of those with the greatest priority, each cohort sends a project that need not borrow, if there is one, and the one
    that uses the least part of what is its own; of these, and of projects without a cohort, the one goes whose run is
    the oldest.
    """
    highest = max(waiter.priority for waiter in waiters.values())
    first: dict[str, str] = {}
    for project, waiter in waiters.items():
        if waiter.priority == highest:
            known = book.find_project(project)
            group = f"cohort {known.cohort}" if known and known.cohort else f"project {project}"
            if group not in first or _fair(project, waiters, book) < _fair(first[group], waiters, book):
                first[group] = project
    return min(first.values(), key=lambda project: waiters[project].rank())


def _fair(
    project: str, waiters: Mapping[str, Waiter], book: QuotaBook
) -> tuple[bool, float, tuple[int, datetime, str]]:
    waiter = waiters[project]
    return book.would_borrow(project, waiter.amounts), book.share(project), waiter.rank()
