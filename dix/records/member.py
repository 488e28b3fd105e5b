"""A member: what a user may do in a project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dix.records.tag import make_tag


class Role(StrEnum):
    """What one may do in a project, each more than the one before."""

    VIEWER = "viewer"  # see everything that is in it
    USER = "user"  # run, change and deploy what is in it
    MANAGER = "manager"  # decide who its members are

    def covers(self, other: Role) -> bool:
        """Whether whoever has this role may do what the other one may."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = (Role.VIEWER, Role.USER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Member:
    """One user's role in one project."""

    project: str
    user: str
    role: Role
    since: datetime

    @property
    def tag(self) -> str:
        """Another one for each role."""
        return make_tag(self.project, self.user, self.role.value, self.since)
