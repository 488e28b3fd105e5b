"""The drawer of users, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dix.catalog.access_base import Users
from dix.catalog.access_version import AccessVersion
from dix.catalog.columns import Row, find_moment, from_micros, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, Conflict, NotFound
from dix.names import find_nearest
from dix.records.user import FIRST_USER, User

USER_COLUMNS = "name, created, display_name, email, is_administrator, is_disabled, deleted"


@dataclass(frozen=True, slots=True)
class _Proven:
    """A user with what they prove themselves by."""

    user: User
    password: str | None
    identity: str | None = None


class UserTable:
    """One row for each user there ever was."""

    def __init__(self, file: CatalogFile, version: AccessVersion) -> None:
        self._file = file
        self._version = version
        self._creating = Write(_create)
        self._changing = Write(_change, decode=_find_again)
        self._setting = Write(_set_password)

    def create_user(
        self, user: User, password: str | None = None, identity: str | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._creating, _Proven(user, password, identity), request)
        self._version.move_on()

    def get_user(self, name: str) -> User:
        with self._file.cursor() as cursor:
            return get_user(cursor, name)

    def list_users(self) -> tuple[User, ...]:
        with self._file.cursor() as cursor:
            rows = cursor.execute(f"SELECT {USER_COLUMNS} FROM users WHERE deleted IS NULL ORDER BY name").fetchall()
        return tuple(map(read_user, rows))

    def change_user(self, name: str, changes: Mapping[str, Any], *, request: str | None = None) -> User:
        changed = self._file.write(self._changing, (name, changes), request)
        self._version.move_on()
        return changed

    def find_password(self, name: str) -> str | None:
        with self._file.cursor() as cursor:
            row = cursor.execute(
                "SELECT password FROM users WHERE name = ? AND deleted IS NULL AND NOT is_disabled", [name]
            ).fetchone()
        return row[0] if row else None

    def set_password(self, name: str, password: str | None, *, request: str | None = None) -> None:
        self._file.write(self._setting, (name, password), request)
        self._version.move_on()

    def find_identity(self, identity: str) -> User | None:
        with self._file.cursor() as cursor:
            row = cursor.execute(
                f"SELECT {USER_COLUMNS} FROM users WHERE identity = ? AND deleted IS NULL", [identity]
            ).fetchone()
        return read_user(row) if row else None


def get_user(connection: Connection, name: str) -> User:
    """One user who was not deleted; the error names the nearest."""
    row = connection.execute(f"SELECT {USER_COLUMNS} FROM users WHERE name = ? AND deleted IS NULL", [name]).fetchone()
    if row is None:
        names = connection.execute("SELECT name FROM users WHERE deleted IS NULL").fetchall()
        raise NotFound("user", name, find_nearest(name, (known for (known,) in names)))
    return read_user(row)


def read_user(row: Row) -> User:
    """The user of a row in the order of USER_COLUMNS."""
    name, created, display_name, email, is_administrator, is_disabled, deleted = row
    return User(name, from_micros(created), display_name, email, is_administrator, is_disabled, find_moment(deleted))


def _create(connection: Connection, new: _Proven) -> None:
    if connection.execute("SELECT 1 FROM users WHERE name = ?", [new.user.name]).fetchone():
        raise AlreadyExists("user", new.user.name)
    connection.execute(
        f"INSERT INTO users ({USER_COLUMNS}, password, identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [new.user.name, to_micros(new.user.created), *_to_values(new.user), new.password, new.identity],
    )


def _change(connection: Connection, change: tuple[str, Mapping[str, Any]]) -> User:
    name, changes = change
    user = replace(get_user(connection, name), **changes)
    left = connection.execute(
        "SELECT count(*) FROM users WHERE is_administrator AND NOT is_disabled AND deleted IS NULL AND name <> ?",
        [user.name],
    ).fetchone()
    if not (user.is_administrator and user.may_come_in) and not (left and left[0]):
        raise Conflict("user", user.name, "the only administrator", "disabled, deleted or without that right")
    if user.deleted is not None and name == FIRST_USER:
        raise Conflict("user", name, "whose token is in $DIX_HOME/token", "deleted")
    connection.execute(
        "UPDATE users SET display_name = ?, email = ?, is_administrator = ?, is_disabled = ?, deleted = ? "
        "WHERE name = ?",
        [*_to_values(user), user.name],
    )
    if user.deleted is not None:
        connection.execute("UPDATE users SET password = NULL, identity = NULL WHERE name = ?", [user.name])
        connection.execute("DELETE FROM members WHERE user = ?", [user.name])
    if not user.may_come_in:
        connection.execute(
            "UPDATE tokens SET revoked = epoch_us(now()) WHERE user = ? AND revoked IS NULL", [user.name]
        )
    return user


def _find_again(connection: Connection, change: tuple[str, Mapping[str, Any]], _answer: str) -> User:
    name, changes = change
    row = connection.execute(f"SELECT {USER_COLUMNS} FROM users WHERE name = ?", [name]).fetchone()
    return replace(read_user(row) if row else get_user(connection, name), **changes)


def _set_password(connection: Connection, given: tuple[str, str | None]) -> None:
    name, password = given
    get_user(connection, name)
    connection.execute("UPDATE users SET password = ? WHERE name = ?", [password, name])
    connection.execute(
        "UPDATE tokens SET revoked = epoch_us(now()) WHERE user = ? AND revoked IS NULL AND kind <> 'token'", [name]
    )


def _to_values(user: User) -> Row:
    return (
        to_text(user.display_name) or "",
        to_text(user.email),
        user.is_administrator,
        user.is_disabled,
        to_micros(user.deleted),
    )


def _fits(table: UserTable) -> Users:
    return table
