"""Takes back what others have borrowed, when a project wants what is its own. Pure.

Stopped are, of what runs on borrowed slots, the newest steps of the lowest priority; no more of them than needed, and
none at all when that would not help.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dix.engine.admission import Admission
from dix.engine.amounts import list_counted
from dix.engine.claim import Claim
from dix.engine.messages import StepKey
from dix.engine.plan import Slice
from dix.quota.book import QuotaBook
from dix.quota.resources import tell
from dix.records.project import Reclaim


@dataclass(frozen=True, slots=True)
class Victim:
    """An attempt that has lost its slots, and the reason in a sentence."""

    key: StepKey
    reason: str


def take_back(key: StepKey, wanted: Slice, claim: Claim, admission: Admission) -> tuple[Victim, ...]:
    """Free slots for a step that was refused: the attempts that had them, which are to be stopped; or none."""
    book = admission.quotas
    project = book.find_project(claim.project)
    if (
        project is None
        or project.reclaim is Reclaim.NEVER
        or book.would_borrow(claim.project, list_counted(wanted, None))
    ):
        return ()
    below = claim.priority if project.reclaim is Reclaim.LOWER_PRIORITY else None
    victims: list[Victim] = []
    with admission.trying() as trial:
        for victim in _list_victims(book, claim.project, wanted, below):
            trial.lift(victim.key)
            victims.append(victim)
            if admission.fits(key, wanted, claim):
                break
        else:
            return ()
        for victim in reversed(victims[:-1]):
            trial.put_back(victim.key)
            if admission.fits(key, wanted, claim):
                victims.remove(victim)
            else:
                trial.lift(victim.key)
        trial.keep()
    return tuple(victims)


def _list_victims(book: QuotaBook, project: str, wanted: Slice, below: int | None) -> Iterator[Victim]:
    """Who might be stopped, in order; of each project only as long as it borrows."""
    known = book.find_project(project)
    counted = list_counted(wanted, None)
    resources = [
        name
        for name in (known.quotas if known else ())
        if counted.get(name) or (wanted.gpu and name.startswith("gpu:"))
    ]
    others = [one.name for one in book.list_cohort(project) if one.name != project]
    found = {
        key: holding
        for resource in resources
        for key, holding in book.list_holdings(resource, others)
        if isinstance(key, StepKey) and (below is None or holding.priority < below)
    }
    for key, holding in sorted(found.items(), key=lambda item: (item[1].priority, -item[1].number)):
        borrowed = next(
            (name for name in resources if holding.amounts.get(name) and book.borrows(holding.project, name)), None
        )
        if borrowed is not None and isinstance(key, StepKey):
            amount = tell(borrowed, holding.amounts[borrowed])
            yield Victim(
                key,
                f"stopped: project {project} took back {amount} of its own, which project {holding.project} had "
                "borrowed; it begins anew when there is room",
            )
