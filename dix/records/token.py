"""A token: what is shown at the door instead of a name and a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a token is good for; its user must have the right besides."""

    READ = "read"  # look at what its user may see
    WRITE = "write"  # change what its user may change, run and deploy
    PREDICT = "predict"  # ask endpoints
    ADMIN = "admin"  # what only administrators may do, and the user's own tokens and password


ALL_SCOPES = tuple(Scope)


class TokenKind(StrEnum):
    """Where a token comes from."""

    TOKEN = "token"  # noqa: S105 made by a user for a program
    SESSION = "session"  # made by signing in
    CODE = "code"  # opens one session, once


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token; its secret is shown once, and its SHA-256 is all that is kept of that.

    With `projects` it reaches these only, and nothing that is the installation's.
    """

    id: str
    user: str
    name: str
    created: datetime
    kind: TokenKind = TokenKind.TOKEN
    scopes: tuple[Scope, ...] = ALL_SCOPES
    projects: tuple[str, ...] | None = None
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens the door then."""
        return self.revoked is None and (self.expires is None or self.expires > at)
