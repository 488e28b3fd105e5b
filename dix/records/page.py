"""A page of a list: some items, and where the next page begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`next_cursor` is None on the last page; otherwise an opaque text to ask with for the next one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
