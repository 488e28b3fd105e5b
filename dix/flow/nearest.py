"""The nearest name that would do, and lists of names, at a bounded price however large the document is."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from dix.names import find_nearest

_COMPARISONS = 30_000
_LISTED = 20


class Nearest:
    """Finds nearest names for one document; after many comparisons it stops looking, since it is only a hint."""

    def __init__(self) -> None:
        self._left = _COMPARISONS

    def find(self, text: str, candidates: Collection[str]) -> str | None:
        """The candidate probably meant; None when none is near, or when too much has been compared already."""
        if self._left < len(candidates):
            return None
        self._left -= len(candidates)
        return find_nearest(text[:100], candidates)


def list_names(names: Collection[str]) -> str:
    """Names in a sentence; `none` when there are none."""
    if not names:
        return "none"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(islice(names, _LISTED)) + more
