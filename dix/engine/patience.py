"""Sees to it that a step that many others pass gets its turn. Pure.

A small step may pass a large one that cannot go yet, or the room for the large one would lie idle meanwhile. When so
many have passed that it would never come to an end, room is kept: a machine, or the project's own quota.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dix.engine.amounts import list_amounts
from dix.engine.claim import Claim
from dix.engine.impossible import find_lacks
from dix.engine.messages import StepKey
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf
from dix.quota.book import QuotaBook, Short

PASSES = 16  # so many may pass before room is kept


@dataclass(frozen=True, slots=True)
class Head:
    """The first of a project's steps that was refused in this round; `short` is set when a quota is the reason."""

    name: str
    claim: Claim
    wanted: Slice
    short: Short | None


class Patience:
    """`begin` starts a round, in which steps are offered in the order of their turns."""

    def __init__(self) -> None:
        self._heads: dict[str, Head] = {}  # by project, of this round
        self._passed: dict[str, int] = {}  # how many have passed a head, over all rounds in which it was one
        self._kept: dict[str, str] = {}  # machine → the head for which it is kept

    def begin(self) -> None:
        """A round begins; who was no head in the last one is forgotten."""
        names = {head.name for head in self._heads.values()}
        self._passed = {name: count for name, count in self._passed.items() if name in names}
        self._kept = {machine: name for machine, name in self._kept.items() if name in names}
        self._heads = {}

    def refuse(self, key: StepKey, claim: Claim, wanted: Slice, short: Short | None, shelves: Iterable[Shelf]) -> None:
        """A step could not go; the first one of its project is to be passed only so often."""
        if claim.project in self._heads or (short is not None and short.is_never):
            return
        head = self._heads[claim.project] = Head(_name(key), claim, wanted, short)
        if short is None and self._is_due(head) and head.name not in self._kept.values():
            self._keep_machines(head, shelves)

    def admit(self, key: StepKey, claim: Claim, shelves: Sequence[Shelf], book: QuotaBook) -> None:
        """A step has got its slots, on these machines: it has passed those that wait for the same."""
        name = _name(key)
        self._heads = {project: head for project, head in self._heads.items() if head.name != name}
        self._kept = {machine: kept for machine, kept in self._kept.items() if kept != name}
        for head in self._heads.values():
            if head.short is None:
                one = replace(head.wanted, workers=1)
                has_passed = any(not find_lacks(one, [shelf.machine]) for shelf in shelves)
            else:
                borrows = book.borrows(claim.project, head.short.resource) > 0
                has_passed = _are_rivals(head, claim, book, borrows=borrows)
            if has_passed:
                self._passed[head.name] = self._passed.get(head.name, 0) + 1

    def find_keeper(self, key: StepKey | None, machine: str) -> str | None:
        """For whom a machine is kept, if this step comes after it, and it waits for nothing but that machine."""
        name = self._kept.get(machine)
        comes_before = all(head.name != name or head.short is not None for head in self._heads.values())
        return None if name is None or comes_before or (key is not None and _name(key) == name) else name

    def find_rival(
        self, key: StepKey | None, claim: Claim, amounts: Mapping[str, float], book: QuotaBook
    ) -> str | None:
        """For whom quota is kept that this step would take: of its own project, or what it would borrow."""
        for head in self._heads.values():
            short = head.short
            if short is None or not self._is_due(head) or (key is not None and _name(key) == head.name):
                continue
            if not amounts.get(short.resource) or not _is_own(short, book):
                continue
            borrows = book.would_borrow(claim.project, {short.resource: amounts[short.resource]})
            if _are_rivals(head, claim, book, borrows=borrows):
                return head.name
        return None

    def count(self, name: str) -> int:
        """How many have passed."""
        return self._passed.get(name, 0)

    def _is_due(self, head: Head) -> bool:
        return self._passed.get(head.name, 0) >= PASSES

    def _keep_machines(self, head: Head, shelves: Iterable[Shelf]) -> None:
        """Keep the machine that lacks the least of what the head wants; for several workers, until all have room."""
        one, kept = replace(head.wanted, workers=1), list[Shelf]()
        fitting = [
            shelf for shelf in shelves if shelf.machine.id not in self._kept and not find_lacks(one, [shelf.machine])
        ]
        for shelf in sorted(fitting, key=lambda shelf: _fraction(shelf, one), reverse=True):
            kept.append(shelf)
            if not find_lacks(head.wanted, [each.machine for each in kept]):
                self._kept |= {each.machine.id: head.name for each in kept}
                return


def _name(key: StepKey) -> str:
    return f"{key.run}.{key.node}"


def _fraction(shelf: Shelf, wanted: Slice) -> float:
    """How much of what is wanted is free already, of that which is the shortest."""
    return min((shelf.free(name) / amount for name, amount in list_amounts(wanted).items()), default=1.0)


def _is_own(short: Short, book: QuotaBook) -> bool:
    """Whether what is wanted is within the nominal quota: nobody has a right to borrow."""
    project = book.find_project(short.project)
    quota = project.quotas.get(short.resource) if project else None
    return quota is not None and short.wanted <= quota.nominal


def _are_rivals(head: Head, claim: Claim, book: QuotaBook, *, borrows: bool) -> bool:
    """Whether a step takes what the head waits for: in its own project, or by borrowing within its cohort."""
    if claim.project == head.claim.project:
        return True
    return borrows and any(one.name == claim.project for one in book.list_cohort(head.claim.project))
