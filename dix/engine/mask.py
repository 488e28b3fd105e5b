"""Hides secrets in what a step prints and in what it fails with."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "***"
# A shorter text is no secret, and stands in too much that is none.
_SHORTEST = 4


class Mask:
    """Knows some values and hides each line of them, wherever it stands in a text."""

    def __init__(self, values: Iterable[str]) -> None:
        parts = {line.strip() for value in values for line in value.splitlines()}
        # The longest first: one may be a part of another.
        wanted = sorted((part for part in parts if len(part) >= _SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, wanted))) if wanted else None

    def hide(self, text: str) -> str:
        """The text without any of them."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)
