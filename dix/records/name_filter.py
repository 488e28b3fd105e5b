"""Which names a list of flows or models shall have, beside those of one project."""

from __future__ import annotations

from dataclasses import dataclass

from dix.records.sort import SortKey


@dataclass(frozen=True, slots=True)
class NameFilter:
    """None lets all through; `search` is a part of what is told of a name, in any case, and `user` made its latest."""

    user: str | None = None
    search: str | None = None
    sort: tuple[SortKey, ...] = ()


ALL_NAMES = NameFilter()
