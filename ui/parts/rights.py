"""What the visitor may do, so that nothing else is offered; the server decides all the same."""

from __future__ import annotations

from typing import Any

from dix.records.member import Role
from dix.records.token import Scope
from ui.parts.server import get_client


class Visitor:
    """Who looks, as the server says."""

    def __init__(self, who: dict[str, Any]) -> None:
        self.user: str = who["user"]
        self.display_name: str = who["display_name"]
        self.is_administrator: bool = who["is_administrator"]
        self.scopes: frozenset[str] = frozenset(who["scopes"])
        self.roles = {project: Role(role) for project, role in who["roles"].items()}

    def has_role(self, role: Role, project: str) -> bool:
        """In one project."""
        mine = self.roles.get(project)
        return self.is_administrator or (mine is not None and mine.covers(role))

    @property
    def rules(self) -> bool:
        """What only administrators may do."""
        return self.is_administrator and Scope.ADMIN in self.scopes

    @property
    def manages(self) -> bool:
        """Some project, or all of them."""
        return self.is_administrator or Role.MANAGER in self.roles.values()


def get_visitor() -> Visitor:
    """Asked for anew each time: rights change."""
    return Visitor(get_client().whoami())
