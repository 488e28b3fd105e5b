"""A user: a person or a program that may come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# The administrator who is there from the start: whoever shows the token in `$DIX_HOME/token`.
FIRST_USER = "admin"


@dataclass(frozen=True, slots=True)
class User:
    """`name` is what rights and runs are kept under, `display_name` any text.

    An administrator sees and may do everything. Who is disabled cannot come in; a user who was deleted is kept, so that
    nobody else is given the name, and with it what it owns.
    """

    name: str
    created: datetime
    display_name: str = ""
    email: str | None = None
    is_administrator: bool = False
    is_disabled: bool = False
    deleted: datetime | None = None

    @property
    def may_come_in(self) -> bool:
        """Whether any of the user's tokens are worth something."""
        return not self.is_disabled and self.deleted is None
