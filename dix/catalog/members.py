"""The drawer of members of projects, in SQL."""

from __future__ import annotations

from dix.catalog.access_base import Members
from dix.catalog.access_version import AccessVersion
from dix.catalog.columns import Row, from_micros, to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.projects import check_project
from dix.catalog.users import get_user
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.member import Member, Role
from dix.records.tag import Expected, check_tag

MEMBER_COLUMNS = "project, user, role, since"


class MemberTable:
    """One row for each user in each project."""

    def __init__(self, file: CatalogFile, version: AccessVersion) -> None:
        self._file = file
        self._version = version
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def put_member(self, member: Member, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._putting, (member, expected), request)
        self._version.move_on()

    def delete_member(
        self, project: str, user: str, expected: Expected | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._deleting, (project, user, expected), request)
        self._version.move_on()

    def get_member(self, project: str, user: str) -> Member:
        with self._file.cursor() as cursor:
            return _get(cursor, project, user)

    def list_members(self, project: str) -> tuple[Member, ...]:
        with self._file.cursor() as cursor:
            rows = cursor.execute(
                f"SELECT {MEMBER_COLUMNS} FROM members WHERE project = ? ORDER BY user", [project]
            ).fetchall()
        return tuple(map(read_member, rows))


def read_member(row: Row) -> Member:
    """The member of a row in the order of MEMBER_COLUMNS."""
    project, user, role, since = row
    return Member(project, user, Role(role), from_micros(since))


def _put(connection: Connection, put: tuple[Member, Expected | None]) -> None:
    member, expected = put
    check_project(connection, member.project)
    get_user(connection, member.user)
    before = _find(connection, member.project, member.user)
    _check(before, member.project, member.user, expected)
    row = [member.project, member.user, member.role.value, to_micros(member.since)]
    connection.execute(
        f"INSERT INTO members ({MEMBER_COLUMNS}) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (project, user) DO UPDATE SET role = excluded.role",
        row,
    )


def _delete(connection: Connection, given: tuple[str, str, Expected | None]) -> None:
    project, user, expected = given
    _check(_get(connection, project, user), project, user, expected)
    connection.execute("DELETE FROM members WHERE project = ? AND user = ?", [project, user])


def _check(before: Member | None, project: str, user: str, expected: Expected | None) -> None:
    check_tag(expected, "member", f"{user} of project {project}", before.tag if before else None)


def _find(connection: Connection, project: str, user: str) -> Member | None:
    row = connection.execute(
        f"SELECT {MEMBER_COLUMNS} FROM members WHERE project = ? AND user = ?", [project, user]
    ).fetchone()
    return read_member(row) if row else None


def _get(connection: Connection, project: str, user: str) -> Member:
    found = _find(connection, project, user)
    if found is None:
        rows = connection.execute("SELECT user FROM members WHERE project = ?", [project]).fetchall()
        raise NotFound("member", user, find_nearest(user, [name for (name,) in rows]))
    return found


def _fits(table: MemberTable) -> Members:
    return table
