"""The drawer of secrets, in SQL: names in clear, values sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dix.catalog.access_base import Secrets
from dix.catalog.columns import Row, from_micros, to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.vault import Vault
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.moments import now
from dix.records.secret import Secret
from dix.records.tag import Expected, check_tag

_COLUMNS = "project, name, created, updated, updated_by"


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A value as it is kept."""

    project: str
    name: str
    user: str
    content: bytes
    expected: Expected | None


class SecretTable:
    """One row for each name in a project."""

    def __init__(self, file: CatalogFile, vault: Vault) -> None:
        self._file = file
        self._vault = vault
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def put_secret(
        self,
        project: str,
        name: str,
        value: str,
        user: str,
        expected: Expected | None = None,
        *,
        request: str | None = None,
    ) -> None:
        sealed = _Sealed(project, name, user, self._vault.seal(value, _address(project, name)), expected)
        self._file.write(self._putting, sealed, request)

    def get_secret(self, project: str, name: str) -> Secret:
        with self._file.reading() as cursor:
            return _get(cursor, project, name)

    def list_secrets(self, project: str) -> tuple[Secret, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM secrets WHERE project = ? ORDER BY name", [project]
            ).fetchall()
        return tuple(_read(row) for row in rows)

    def delete_secret(
        self, project: str, name: str, expected: Expected | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._deleting, (project, name, expected), request)

    def read_values(self, project: str, names: tuple[str, ...]) -> dict[str, str]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT name, content FROM secrets WHERE project = ?", [project]).fetchall()
        sealed = dict(rows)
        for name in names:
            if name not in sealed:
                raise make_not_found(project, name, sealed)
        return {name: self._vault.open(sealed[name], _address(project, name)) for name in names}


def make_not_found(project: str, name: str, known: Iterable[str]) -> NotFound:
    """The error for a secret that a project does not have."""
    return NotFound("secret", f"{name} in project {project}", find_nearest(name, known))


def _put(connection: Connection, sealed: _Sealed) -> None:
    _check(_find(connection, sealed.project, sealed.name), sealed.project, sealed.name, sealed.expected)
    at = to_micros(now())
    connection.execute(
        f"INSERT INTO secrets ({_COLUMNS}, content) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "updated = excluded.updated, updated_by = excluded.updated_by, content = excluded.content",
        [sealed.project, sealed.name, at, at, sealed.user, sealed.content],
    )


def _delete(connection: Connection, given: tuple[str, str, Expected | None]) -> None:
    project, name, expected = given
    _check(_get(connection, project, name), project, name, expected)
    connection.execute("DELETE FROM secrets WHERE project = ? AND name = ?", [project, name])


def _check(before: Secret | None, project: str, name: str, expected: Expected | None) -> None:
    facts = (None, None, None) if before is None else (before.tag, before.updated_by, before.updated)
    check_tag(expected, "secret", f"{name} in project {project}", facts[0], by=facts[1], at=facts[2])


def _find(connection: Connection, project: str, name: str) -> Secret | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM secrets WHERE project = ? AND name = ?", [project, name]
    ).fetchone()
    return _read(row) if row else None


def _get(connection: Connection, project: str, name: str) -> Secret:
    found = _find(connection, project, name)
    if found is None:
        names = connection.execute("SELECT name FROM secrets WHERE project = ?", [project]).fetchall()
        raise make_not_found(project, name, [known for (known,) in names])
    return found


def _address(project: str, name: str) -> str:
    return f"{project}/{name}"


def _read(row: Row) -> Secret:
    project, name, created, updated, updated_by = row
    return Secret(project, name, from_micros(created), from_micros(updated), updated_by)


def _fits(table: SecretTable) -> Secrets:
    return table
