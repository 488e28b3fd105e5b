"""The caller of a request: who asks, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dix.records.member import Role
from dix.records.sight import EVERYTHING, Sight
from dix.records.token import ALL_SCOPES, Scope
from dix.records.user import FIRST_USER

# The id of the token in `$DIX_HOME/token`, which no table has.
HOME_TOKEN = "home"  # noqa: S105 not a secret


@dataclass(frozen=True, slots=True)
class Caller:
    """`token` is the id of the token that was shown, `expires` when it ends; `roles` are by project.

    All of it is narrowed to what the token is good for: the administrator's token for one project is its manager's, and
    `is_narrowed` says so.
    """

    user: str
    token: str
    is_administrator: bool = False
    scopes: frozenset[Scope] = frozenset(ALL_SCOPES)
    roles: Mapping[str, Role] = field(default_factory=dict)
    sight: Sight = EVERYTHING
    expires: datetime | None = None
    is_narrowed: bool = False

    def has_role(self, role: Role, project: str) -> bool:
        """Whether the caller has this role in the project, or a greater one."""
        mine = self.roles.get(project)
        return self.is_administrator or (mine is not None and mine.covers(role))

    def has_role_anywhere(self, role: Role) -> bool:
        """Whether there is a project in which the caller has this role, or a greater one."""
        return self.is_administrator or any(mine.covers(role) for mine in self.roles.values())


ADMINISTRATOR = Caller(FIRST_USER, HOME_TOKEN, is_administrator=True)
