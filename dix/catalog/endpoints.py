"""The drawer of endpoints, in SQL."""

from __future__ import annotations

from dix.catalog.base import Endpoints
from dix.catalog.columns import Row, from_micros, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.tag import Expected, check_tag

_COLUMNS = "name, model, version, project, state, created, updated, replicas, error, user"


class EndpointTable:
    """One row for each address."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def put_endpoint(self, endpoint: Endpoint, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._putting, (_to_row(endpoint), expected), request)

    def get_endpoint(self, name: str) -> Endpoint:
        with self._file.reading() as cursor:
            row = cursor.execute(f"SELECT {_COLUMNS} FROM endpoints WHERE name = ?", [name]).fetchone()
            if row is None:
                raise _make_not_found(cursor, name)
        return _read(row)

    def list_endpoints(self) -> tuple[Endpoint, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(f"SELECT {_COLUMNS} FROM endpoints ORDER BY name").fetchall()
        return tuple(_read(row) for row in rows)

    def delete_endpoint(self, name: str, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._deleting, (name, expected), request)


def _put(connection: Connection, put: tuple[Row, Expected | None]) -> None:
    row, expected = put
    _check(_find(connection, row[0]), row[0], expected)
    connection.execute(f"INSERT OR REPLACE INTO endpoints ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _delete(connection: Connection, given: tuple[str, Expected | None]) -> None:
    name, expected = given
    before = _find(connection, name)
    if before is None:
        raise _make_not_found(connection, name)
    _check(before, name, expected)
    connection.execute("DELETE FROM endpoints WHERE name = ?", [name])


def _find(connection: Connection, name: str) -> Endpoint | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM endpoints WHERE name = ?", [name]).fetchone()
    return _read(row) if row else None


def _check(before: Endpoint | None, name: str, expected: Expected | None) -> None:
    facts = (None, None, None) if before is None else (before.tag, before.user, before.updated)
    check_tag(expected, "endpoint", name, facts[0], by=facts[1], at=facts[2])


def _make_not_found(connection: Connection, name: str) -> NotFound:
    names = connection.execute("SELECT name FROM endpoints").fetchall()
    return NotFound("endpoint", name, find_nearest(name, (known for (known,) in names)))


def _to_row(endpoint: Endpoint) -> Row:
    return (
        endpoint.name,
        endpoint.model,
        endpoint.version,
        endpoint.project,
        endpoint.state.value,
        to_micros(endpoint.created),
        to_micros(endpoint.updated),
        endpoint.replicas,
        to_text(endpoint.error),
        endpoint.user,
    )


def _read(row: Row) -> Endpoint:
    name, model, version, project, state, created, updated, replicas, error, user = row
    return Endpoint(
        name,
        model,
        version,
        project,
        EndpointState(state),
        from_micros(created),
        from_micros(updated),
        replicas,
        error,
        user,
    )


def _fits(table: EndpointTable) -> Endpoints:
    return table
