"""Who may come in and what they may do: read whole, and only when it has changed."""

from __future__ import annotations

from dix.catalog.access_base import Access
from dix.catalog.access_version import AccessVersion
from dix.catalog.columns import to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.members import MEMBER_COLUMNS, read_member
from dix.catalog.shares import SHARING_COLUMNS, read_sharing
from dix.catalog.tokens import TOKEN_COLUMNS, read_token
from dix.catalog.users import USER_COLUMNS, read_user
from dix.records.access import AccessList
from dix.records.member import Role
from dix.records.moments import now


class AccessTable:
    """Reads four tables at one moment. No change set of the engine writes them, so nothing has to be worked in."""

    def __init__(self, file: CatalogFile, version: AccessVersion) -> None:
        self._file = file
        self._version = version

    def read_access(self, known: str | None = None) -> AccessList | None:
        version = self._version.now
        if version == known:
            return None
        with self._file.cursor() as cursor:
            cursor.begin()
            users = [read_user(row) for row in cursor.execute(f"SELECT {USER_COLUMNS} FROM users").fetchall()]
            tokens = cursor.execute(
                f"SELECT digest, {TOKEN_COLUMNS} FROM tokens "
                "WHERE revoked IS NULL AND coalesce(expires > ?, true) AND kind <> 'code'",
                [to_micros(now())],
            ).fetchall()
            members = cursor.execute(f"SELECT {MEMBER_COLUMNS} FROM members").fetchall()
            sharings = cursor.execute(f"SELECT {SHARING_COLUMNS} FROM sharings").fetchall()
            cursor.rollback()
        roles: dict[str, dict[str, Role]] = {}
        for member in map(read_member, members):
            roles.setdefault(member.user, {})[member.project] = member.role
        return AccessList(
            version=version,
            users={user.name: user for user in users if user.may_come_in},
            tokens={digest: read_token(tuple(row)) for digest, *row in tokens},
            roles=roles,
            sharings=tuple(map(read_sharing, sharings)),
        )


def _fits(table: AccessTable) -> Access:
    return table
