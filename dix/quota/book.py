"""The book of quotas: what each project uses, and whether it may use more. Pure: no I/O, no clock.

The rules are Kueue's. A project may use its nominal quota, and beyond it what others of its cohort leave unused, up to
its borrowing limit. What a project keeps for itself is its nominal quota less its lending limit; the rest of all
members is the cohort's pool, of which never more is used than there is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dix.quota.resources import SMALL
from dix.records.project import Project, Quota


@dataclass(frozen=True, slots=True)
class Holding:
    """What an attempt, or a run, has of its project's quotas; `number` grows, so that the newest is known."""

    project: str
    run: str
    priority: int
    amounts: Mapping[str, float]
    number: int


@dataclass(frozen=True, slots=True)
class Short:
    """Why a project may not take an amount now.

    `lacking` is how much has to become free. It is the project's own limit that is reached, unless `in_cohort`: then
    others use what it would need. `is_never` says that it would not fit even if nobody used anything.
    """

    project: str
    resource: str
    wanted: float
    lacking: float
    in_cohort: bool = False
    is_never: bool = False


class QuotaBook:
    """Projects, and what is used of their quotas; a project that it does not know has no limits."""

    def __init__(self, projects: Iterable[Project] = ()) -> None:
        self._holdings: dict[Hashable, Holding] = {}
        self._used: dict[str, dict[str, float]] = {}
        self._number = 0
        self.set_projects(projects)

    def set_projects(self, projects: Iterable[Project]) -> None:
        """Quotas have changed: what is used stays so, and counts from now on against the new ones."""
        self._projects = {project.name: project for project in projects}
        self._cohorts: dict[str, list[Project]] = {}
        for project in self._projects.values():
            if project.cohort is not None:
                self._cohorts.setdefault(project.cohort, []).append(project)

    def find_short(self, project: str, amounts: Mapping[str, float]) -> Short | None:
        """What the project has not enough of for these amounts; None when it may take them. An amount of 0 asks
        whether the project is over its quota already.
        """
        known = self._projects.get(project)
        if known is None or not known.quotas:
            return None
        for resource, wanted in amounts.items():
            quota = known.quotas.get(resource)
            short = self._check(known, quota, resource, wanted) if quota is not None else None
            if short is not None:
                return short
        return None

    def take(self, key: Hashable, project: str, run: str, priority: int, amounts: Mapping[str, float]) -> None:
        """Count these amounts, whether there is room or not: who asks first looks at `find_short`."""
        self.release(key)
        self._number += 1
        taken = {resource: amount for resource, amount in amounts.items() if amount}
        self._holdings[key] = Holding(project, run, priority, taken, self._number)
        self.add(project, taken)

    def release(self, key: Hashable) -> None:
        """They are not used any more; a second time does nothing."""
        holding = self._holdings.pop(key, None)
        if holding is not None:
            self.add(holding.project, {resource: -amount for resource, amount in holding.amounts.items()})

    def is_over(self, project: str) -> bool:
        """Whether a project uses more of anything than it may."""
        known = self._projects.get(project)
        return known is not None and self.find_short(project, dict.fromkeys(known.quotas, 0.0)) is not None

    def set_priority(self, run: str, priority: int) -> None:
        """What a run has is held with another priority from now on."""
        for key, holding in self._holdings.items():
            if holding.run == run:
                self._holdings[key] = replace(holding, priority=priority)

    def pass_on(self, key: Hashable, to: Hashable) -> None:
        """What one has is another's from now on."""
        self._holdings[to] = self._holdings.pop(key)

    def lift(self, key: Hashable) -> Holding:
        """What somebody has, and it is counted no more, until it is put back."""
        holding = self._holdings[key]
        self.release(key)
        return holding

    def put_back(self, key: Hashable, holding: Holding) -> None:
        """Count it as before."""
        self._holdings[key] = holding
        self.add(holding.project, holding.amounts)

    def add(self, project: str, amounts: Mapping[str, float]) -> None:
        """The project uses so much more, or less."""
        used = self._used.setdefault(project, {})
        for resource, amount in amounts.items():
            used[resource] = used.get(resource, 0.0) + amount
            if abs(used[resource]) < SMALL:
                del used[resource]

    def find_project(self, name: str) -> Project | None:
        """A project by name."""
        return self._projects.get(name)

    def list_projects(self) -> tuple[str, ...]:
        """The names of all that are known or use something."""
        return tuple({**self._projects, **self._used})

    def list_cohort(self, project: str) -> tuple[Project, ...]:
        """The projects that lend to each other with this one, itself among them."""
        known = self._projects.get(project)
        if known is None:
            return ()
        return tuple(self._cohorts[known.cohort]) if known.cohort is not None else (known,)

    def list_holdings(self, resource: str, projects: Iterable[str]) -> Iterator[tuple[Hashable, Holding]]:
        """Who has some of a resource in these projects, the oldest first."""
        names = frozenset(projects)
        for key, holding in self._holdings.items():
            if holding.project in names and holding.amounts.get(resource):
                yield key, holding

    def used(self, project: str, resource: str) -> float:
        """How much of a resource a project uses."""
        return self._used.get(project, {}).get(resource, 0.0)

    def list_used(self, project: str) -> dict[str, float]:
        """All that a project uses."""
        return dict(self._used.get(project, {}))

    def borrows(self, project: str, resource: str) -> float:
        """How much of it is beyond the project's nominal quota."""
        known = self._projects.get(project)
        quota = known.quotas.get(resource) if known else None
        return max(0.0, self.used(project, resource) - quota.nominal) if quota else 0.0

    def would_borrow(self, project: str, amounts: Mapping[str, float]) -> bool:
        """Whether these amounts would bring the project beyond a nominal quota."""
        known = self._projects.get(project)
        quotas = known.quotas if known else {}
        return any(
            amount and self.used(project, resource) + amount > quotas[resource].nominal + SMALL
            for resource, amount in amounts.items()
            if resource in quotas
        )

    def share(self, project: str) -> float:
        """The largest part of a nominal quota that the project uses, over all that is counted while it runs."""
        known = self._projects.get(project)
        quotas = known.quotas if known else {}
        return max((self._part(project, name, quota) for name, quota in quotas.items() if name != "disk"), default=0.0)

    def _part(self, project: str, resource: str, quota: Quota) -> float:
        used = self.used(project, resource)
        return used / quota.nominal if quota.nominal else float("inf") if used else 0.0

    def _check(self, project: Project, quota: Quota, resource: str, wanted: float) -> Short | None:
        used = self.used(project.name, resource)
        members = [(one, one.quotas[resource]) for one in self.list_cohort(project.name) if resource in one.quotas]
        pool = sum(_lends(each) for _one, each in members)
        most = quota.nominal + _borrowable(quota, pool, is_alone=project.cohort is None)
        if used + wanted > most + SMALL:
            is_never = wanted > most + SMALL
            return Short(project.name, resource, wanted, used + wanted - most, is_never=is_never)
        taken = sum(_draws(self.used(one.name, resource), each) for one, each in members if one is not project)
        draws = _draws(used + wanted, quota)
        grows = draws > _draws(used, quota) + SMALL if wanted else used > quota.nominal + SMALL
        if grows and draws > SMALL and taken + draws > pool + SMALL:
            return Short(project.name, resource, wanted, taken + draws - pool, in_cohort=True)
        return None


def _lends(quota: Quota) -> float:
    """How much of a nominal quota is in the cohort's pool."""
    return quota.nominal if quota.lending_limit is None else min(quota.nominal, quota.lending_limit)


def _draws(used: float, quota: Quota) -> float:
    """How much of what a project uses comes out of the pool."""
    return max(0.0, used - (quota.nominal - _lends(quota)))


def _borrowable(quota: Quota, pool: float, *, is_alone: bool) -> float:
    """The most that could ever be borrowed: what the others put into the pool, up to the limit."""
    if is_alone:
        return 0.0
    others = pool - _lends(quota)
    return others if quota.borrowing_limit is None else min(others, quota.borrowing_limit)
