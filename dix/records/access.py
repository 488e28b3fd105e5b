"""Who may come in and what they may do, all of it at one moment: made to be kept in memory and asked often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dix.records.caller import Caller
from dix.records.member import Role
from dix.records.share import SharedKind, Sharing, Visibility
from dix.records.sight import EVERYTHING, Names, Sight
from dix.records.token import Token
from dix.records.user import User


@dataclass(frozen=True, slots=True)
class AccessList:
    """`version` differs whenever anything else does. `tokens` are by the SHA-256 of their secrets, in hexadecimal;
    codes are not among them, as they open nothing by themselves.
    """

    version: str
    users: Mapping[str, User] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Role]] = field(default_factory=dict)
    sharings: tuple[Sharing, ...] = ()

    def find_caller(self, digest: str, at: datetime) -> Caller | None:
        """Who shows the token with this digest; None for one that is not good then."""
        token = self.tokens.get(digest)
        user = self.users.get(token.user) if token else None
        if token is None or user is None or not token.is_good(at) or not user.may_come_in:
            return None
        rules = user.is_administrator and token.projects is None
        roles = self._find_roles(user, token)
        return Caller(
            user=user.name,
            token=token.id,
            is_administrator=rules,
            scopes=frozenset(token.scopes),
            roles=roles,
            sight=EVERYTHING if rules else self._find_sight(user, token, roles),
            expires=token.expires,
            is_narrowed=token.projects is not None,
        )

    def _find_roles(self, user: User, token: Token) -> dict[str, Role]:
        mine = self.roles.get(user.name, {})
        if token.projects is None:
            return dict(mine)
        if user.is_administrator:
            return dict.fromkeys(token.projects, Role.MANAGER)
        return {project: role for project, role in mine.items() if project in token.projects}

    def _find_sight(self, user: User, token: Token, roles: Mapping[str, Role]) -> Sight:
        def find(kind: SharedKind) -> Names:
            hidden, shown = set(), set()
            for sharing in self.sharings:
                if sharing.kind == kind:
                    is_named = token.projects is None and user.name in sharing.users
                    if is_named or _is_shown(sharing, roles):
                        shown.add(sharing.name)
                    elif _is_hidden(sharing, user):
                        hidden.add(sharing.name)
            return Names(frozenset(hidden), frozenset(shown))

        return Sight(frozenset(roles), find("flow"), find("model"))


def _is_shown(sharing: Sharing, roles: Mapping[str, Role]) -> bool:
    return sharing.visibility is Visibility.EVERYONE or any(project in roles for project in sharing.projects)


def _is_hidden(sharing: Sharing, user: User) -> bool:
    return sharing.visibility is Visibility.PRIVATE and not (user.is_administrator or sharing.owner == user.name)
