"""The version of all that says who may come in and what they may do."""

from __future__ import annotations

import itertools
import secrets


class AccessVersion:
    """Moves on with each change of users, tokens, members and sharings; in another life of the owner it is another.

    It is moved on once a change is on disk, and read before the tables are: whoever reads too much reads again.
    """

    def __init__(self) -> None:
        self._life = secrets.token_hex(6)
        self._numbers = itertools.count(1)
        self._now = f"{self._life}.0"

    @property
    def now(self) -> str:
        """What it is at the moment."""
        return self._now

    def move_on(self) -> None:
        """Something has changed."""
        self._now = f"{self._life}.{next(self._numbers)}"
