"""The order of a list: fields, the most important first, each up or down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dix.errors import BadValue
from dix.names import find_nearest


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field of an order."""

    field: str
    is_descending: bool = False

    def __str__(self) -> str:
        return f"-{self.field}" if self.is_descending else self.field


def read_sort(text: str | None) -> tuple[SortKey, ...]:
    """The order that `-created,name` means; nothing for an order that was not asked for."""
    words = [word.strip() for word in (text or "").split(",") if word.strip()]
    return tuple(SortKey(word.removeprefix("-"), word.startswith("-")) for word in words)


def check_sort(sort: Iterable[SortKey], fields: Iterable[str]) -> None:
    """Raises BadValue, with what can be sorted by, for a field that is not among these."""
    known = list(fields)
    for key in sort:
        if key.field not in known:
            expected = f"any of {', '.join(known)}, with commas between and - before what shall go down"
            nearest = find_nearest(key.field, known)
            raise BadValue("sort", expected, str(key), f"did you mean {nearest}?" if nearest else "")
