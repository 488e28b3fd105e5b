"""An entry of the audit: who did what to what, when, from where, and with what result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did or tried to do; it is never changed.

    `action` is the operation's name in the API (`cancel_run`), `kind` and `name` what it was done to, `status` the HTTP
    status of the answer, and `problem` the type of the problem when it was refused. `token` is the id of the token that
    was shown, never the token. `user` is None where nobody had said yet who they are.
    """

    at: datetime
    user: str | None
    token: str | None
    action: str
    kind: str | None
    name: str | None
    project: str | None
    address: str | None
    status: int
    problem: str | None = None
    seq: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is None or empty does not limit. `since` belongs to the time, `until` does not.

    `projects` are those that whoever asks may see; entries of no project are then left out.
    """

    user: str | None = None
    action: str | None = None
    kind: str | None = None
    name: str | None = None
    project: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    failed: bool | None = None
    projects: tuple[str, ...] | None = None
