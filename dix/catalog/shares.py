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
            row = cursor.execute(
                f"SELECT {SHARING_COLUMNS} FROM sharings WHERE kind = ? AND name = ?", [kind, name]
            ).fetchone()
        return read_sharing(row) if row else None

    def put_sharing(self, sharing: Sharing) -> None:
        self._file.write(self._putting, sharing)
        self._version.move_on()

    def delete_sharing(self, kind: SharedKind, name: str) -> None:
        self._file.write(self._deleting, (kind, name))
        self._version.move_on()


def read_sharing(row: Row) -> Sharing:
    """The sharing of a row in the order of SHARING_COLUMNS."""
    kind, name, owner, visibility, users, projects = row
    return Sharing(kind, name, owner, Visibility(visibility), tuple(from_json(users)), tuple(from_json(projects)))


def _put(connection: Connection, sharing: Sharing) -> None:
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


def _delete(connection: Connection, given: tuple[SharedKind, str]) -> None:
    connection.execute("DELETE FROM sharings WHERE kind = ? AND name = ?", list(given))


def _fits(table: ShareTable) -> Shares:
    return table
