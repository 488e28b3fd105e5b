"""The drawer of sharings, in SQL: whose eyes flows and models are for."""

from __future__ import annotations

from dix.catalog.access_base import Shares
from dix.catalog.access_version import AccessVersion
from dix.catalog.columns import Row, from_json, to_json
from dix.catalog.file import CatalogFile
from dix.catalog.projects import check_project
from dix.catalog.users import get_user
from dix.catalog.writes import Connection, Write
from dix.records.share import SharedKind, Sharing, Visibility
from dix.records.tag import Expected, check_tag

SHARING_COLUMNS = "kind, name, owner, visibility, users, projects"


class ShareTable:
    """One row for each flow or model that is shared otherwise than by default."""

    def __init__(self, file: CatalogFile, version: AccessVersion) -> None:
        self._file = file
        self._version = version
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def find_sharing(self, kind: SharedKind, name: str) -> Sharing | None:
        with self._file.cursor() as cursor:
            return _find(cursor, kind, name)

    def put_sharing(self, sharing: Sharing, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._putting, (sharing, expected), request)
        self._version.move_on()

    def delete_sharing(
        self, kind: SharedKind, name: str, expected: Expected | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._deleting, (kind, name, expected), request)
        self._version.move_on()


def read_sharing(row: Row) -> Sharing:
    """The sharing of a row in the order of SHARING_COLUMNS."""
    kind, name, owner, visibility, users, projects = row
    return Sharing(kind, name, owner, Visibility(visibility), tuple(from_json(users)), tuple(from_json(projects)))


def _find(connection: Connection, kind: SharedKind, name: str) -> Sharing | None:
    row = connection.execute(
        f"SELECT {SHARING_COLUMNS} FROM sharings WHERE kind = ? AND name = ?", [kind, name]
    ).fetchone()
    return read_sharing(row) if row else None


def _check(connection: Connection, kind: SharedKind, name: str, expected: Expected | None) -> None:
    """What is shared as by default has a tag as well."""
    before = _find(connection, kind, name) or Sharing(kind, name, "")
    check_tag(expected, f"sharing of {kind}", name, before.tag)


def _put(connection: Connection, put: tuple[Sharing, Expected | None]) -> None:
    sharing, expected = put
    _check(connection, sharing.kind, sharing.name, expected)
    for user in sharing.users:
        get_user(connection, user)
    for project in sharing.projects:
        check_project(connection, project)
    connection.execute(
        f"INSERT OR REPLACE INTO sharings ({SHARING_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        [
            sharing.kind,
            sharing.name,
            sharing.owner,
            sharing.visibility.value,
            to_json("users", list(sharing.users)),
            to_json("projects", list(sharing.projects)),
        ],
    )


def _delete(connection: Connection, given: tuple[SharedKind, str, Expected | None]) -> None:
    kind, name, expected = given
    _check(connection, kind, name, expected)
    connection.execute("DELETE FROM sharings WHERE kind = ? AND name = ?", [kind, name])


def _fits(table: ShareTable) -> Shares:
    return table
