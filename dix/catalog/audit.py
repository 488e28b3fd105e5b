"""The drawer of the audit, in SQL: entries are added and read, and there is no statement that does anything else."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dix.catalog.access_base import Audit
from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row, from_micros, to_micros, to_text
from dix.catalog.cursors import check_limit
from dix.catalog.file import CatalogFile
from dix.catalog.sorting import Order, Sortable, number, text
from dix.catalog.writes import Connection, Write
from dix.records.audit_entry import AuditEntry, AuditFilter
from dix.records.page import Page
from dix.records.sort import SortKey

_KINDS = (
    ("seq", pa.int64()),
    ("moment", pa.int64()),
    ("user", pa.string()),
    ("token", pa.string()),
    ("action", pa.string()),
    ("kind", pa.string()),
    ("name", pa.string()),
    ("project", pa.string()),
    ("address", pa.string()),
    ("status", pa.int32()),
    ("problem", pa.string()),
)
_COLUMNS = ", ".join(name for name, _kind in _KINDS)
_WANTED = """
    ($user::VARCHAR IS NULL OR user = $user) AND ($action::VARCHAR IS NULL OR action = $action)
    AND ($kind::VARCHAR IS NULL OR kind = $kind)
    AND ($name::VARCHAR IS NULL OR name = $name OR starts_with(name, concat($name, '/')))
    AND ($project::VARCHAR IS NULL OR project = $project)
    AND ($since::BIGINT IS NULL OR moment >= $since) AND ($until::BIGINT IS NULL OR moment < $until)
    AND ($failed::BOOLEAN IS NULL OR (status >= 400) = $failed)
    AND ($projects::VARCHAR[] IS NULL OR list_contains($projects, project))
"""
_SORTABLE = Sortable(
    {
        "seq": number("seq"),
        "at": number("moment"),
        "status": number("status"),
        **{name: text(name) for name in ("user", "action", "kind", "name", "project", "address")},
    },
    unique="seq",
    default=(SortKey("seq", is_descending=True),),
)


class AuditTable:
    """One row for each entry, numbered as they come."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._adding: Write[AuditEntry, None] = Write(self._add_one, many=self._add)

    def add_entry(self, entry: AuditEntry, *, request: str | None = None) -> None:
        self._file.write(self._adding, entry, request)

    def list_entries(
        self, wanted: AuditFilter, limit: int = 50, cursor: str | None = None, sort: Sequence[SortKey] = ()
    ) -> Page[AuditEntry]:
        check_limit(limit)
        order = Order(_SORTABLE, sort)
        _before, condition, place = ((), "true", []) if cursor is None else order.read_cursor(cursor)
        values = _to_values(wanted) | {"limit": limit + 1}
        # All others have names, and DuckDB takes either names or places.
        for i, value in enumerate(place):
            condition = condition.replace("?", f"$place{i}", 1)
            values[f"place{i}"] = value
        sql = (
            f"SELECT {_COLUMNS}, {order.columns} FROM audit WHERE {condition} AND {_WANTED} "
            f"ORDER BY {order.sql} LIMIT $limit"
        )
        with self._file.reading() as connection:
            rows = connection.execute(sql, values).fetchall()
        following = order.make_cursor(rows[limit - 1]) if len(rows) > limit else None
        return Page(tuple(_read(row[: len(_KINDS)]) for row in rows[:limit]), following)

    def _add_one(self, connection: Connection, entry: AuditEntry) -> None:
        self._add(connection, [entry])

    def _add(self, connection: Connection, entries: list[AuditEntry]) -> list[None]:
        first = self._file.take_seq(len(entries))
        rows = [_to_row(entry, first + i) for i, entry in enumerate(entries)]
        insert_rows(connection, "audit", _KINDS, rows)
        return [None] * len(entries)


def _to_row(entry: AuditEntry, seq: int) -> Row:
    return (
        seq,
        to_micros(entry.at),
        to_text(entry.user),
        entry.token,
        entry.action,
        entry.kind,
        to_text(entry.name),
        to_text(entry.project),
        to_text(entry.address),
        entry.status,
        entry.problem,
    )


def _to_values(wanted: AuditFilter) -> dict[str, object]:
    return {
        "user": wanted.user,
        "action": wanted.action,
        "kind": wanted.kind,
        "name": wanted.name,
        "project": wanted.project,
        "since": to_micros(wanted.since) if wanted.since else None,
        "until": to_micros(wanted.until) if wanted.until else None,
        "failed": wanted.failed,
        "projects": None if wanted.projects is None else list(wanted.projects),
    }


def _read(row: Row) -> AuditEntry:
    seq, moment, user, token, action, kind, name, project, address, status, problem = row
    return AuditEntry(
        from_micros(moment), user, token, action, kind, name, project, address, status, problem, seq=int(seq)
    )


def _fits(table: AuditTable) -> Audit:
    return table
