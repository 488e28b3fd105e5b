"""The drawer of limits, in SQL."""

from __future__ import annotations

import json

from dix.catalog.base import Limits
from dix.catalog.columns import Row, to_json
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.records.limit import Limit

_COLUMNS = "key, most, is_paused, flows"


class LimitTable:
    """One row for each."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def put_limit(self, limit: Limit) -> None:
        flows = to_json("flows", list(limit.flows))
        self._file.write(self._putting, (limit.key, limit.most, limit.is_paused, flows))

    def find_limit(self, key: str) -> Limit | None:
        return next((limit for limit in self.list_limits(key) if limit.key == key), None)

    def list_limits(self, prefix: str = "") -> tuple[Limit, ...]:
        with self._file.reading() as cursor:
            return read_limits(cursor, prefix)

    def delete_limit(self, key: str) -> None:
        self._file.write(self._deleting, key)


def read_limits(cursor: Connection, prefix: str = "") -> tuple[Limit, ...]:
    """Those whose key begins so, by key."""
    sql = f"SELECT {_COLUMNS} FROM limits WHERE starts_with(key, ?) ORDER BY key"
    return tuple(_read(row) for row in cursor.execute(sql, [prefix]).fetchall())


def _put(connection: Connection, row: Row) -> None:
    connection.execute(f"INSERT OR REPLACE INTO limits ({_COLUMNS}) VALUES (?, ?, ?, ?)", row)


def _delete(connection: Connection, key: str) -> None:
    connection.execute("DELETE FROM limits WHERE key = ?", [key])


def _read(row: Row) -> Limit:
    key, most, is_paused, flows = row
    return Limit(key, most, is_paused, tuple(json.loads(flows)))


def _fits(table: LimitTable) -> Limits:
    return table
