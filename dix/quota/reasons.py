"""Why a project may not take more now, in a sentence with names and numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from dix.quota.book import Holding, QuotaBook, Short
from dix.quota.resources import SMALL, tell, tell_name, tell_number
from dix.records.project import Project, Quota

_SHOWN = 3


def explain_short(book: QuotaBook, short: Short) -> str:
    """The sentence for what `find_short` has found."""
    project = book.find_project(short.project)
    if project is None or short.resource not in project.quotas:
        return f"project {short.project} may not take more {tell_name(short.resource)} now"
    quota = project.quotas[short.resource]
    if short.is_never:
        return _tell_never(project, quota, short)
    used = book.used(project.name, short.resource)
    head = f"project {project.name} uses {tell_number(short.resource, used)} of {tell(short.resource, quota.nominal)}"
    own = _list_runs(holding for _key, holding in book.list_holdings(short.resource, [project.name]))
    return head + _name_runs(own) + _tell_way_out(book, project, short, quota)


def _tell_never(project: Project, quota: Quota, short: Short) -> str:
    asks = f"asks for {tell(short.resource, short.wanted)}"
    more = ""
    if project.cohort is not None:
        limit = "" if quota.borrowing_limit is None else f", up to {tell_number(short.resource, quota.borrowing_limit)}"
        more = f" and what its cohort {project.cohort} lends{limit}"
    return (
        f"{asks}, and project {project.name} may use {tell_number(short.resource, quota.nominal)}{more}; "
        f"`dix projects quota {project.name}` changes that"
    )


def _tell_way_out(book: QuotaBook, project: Project, short: Short, quota: Quota) -> str:
    """What has to happen."""
    if short.resource == "disk":
        return f"; no step of it starts until `dix projects quota {project.name}` raises that"
    if not short.in_cohort:
        if project.cohort is not None and quota.borrowing_limit is not None:
            return f"; it may borrow {tell_number(short.resource, quota.borrowing_limit)} at most"
        return "; goes on when one of them ends"
    others = [one.name for one in book.list_cohort(project.name) if one is not project]
    freeing = _list_freeing(book, short, others)
    when = f" when {freeing}" if freeing else ""
    borrows = min(short.wanted, book.used(project.name, short.resource) + short.wanted - quota.nominal)
    if borrows > SMALL:
        return f"; would borrow {tell_number(short.resource, borrows)}{when}"
    lent = sum(book.borrows(name, short.resource) for name in others)
    return f"; {tell_number(short.resource, lent)} of it are lent; goes on{when or ' when they come back'}"


def _list_freeing(book: QuotaBook, short: Short, others: list[str]) -> str:
    """The runs of others whose end would make room, those that borrow first."""
    holdings = [holding for _key, holding in book.list_holdings(short.resource, others)]
    holdings.sort(key=lambda holding: -book.borrows(holding.project, short.resource))
    freed, named = 0.0, dict[str, None]()
    for holding in holdings:
        if freed + SMALL >= short.lacking:
            break
        freed += holding.amounts[short.resource]
        named[f"{holding.run} of project {holding.project}"] = None
    if freed + SMALL < short.lacking or len(named) > _SHOWN:
        return ""
    return f"{' and '.join(named)} {'ends' if len(named) == 1 else 'end'}"


def _list_runs(holdings: Iterable[Holding]) -> list[str]:
    return list(dict.fromkeys(holding.run for holding in holdings))


def _name_runs(runs: list[str]) -> str:
    if not runs:
        return ""
    more = f" and {len(runs) - _SHOWN} more" if len(runs) > _SHOWN else ""
    return f": {'run' if len(runs) == 1 else 'runs'} {', '.join(runs[:_SHOWN])}{more}"
