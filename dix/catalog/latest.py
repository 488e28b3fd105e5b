"""The latest version of each name, in pages: the same question for flows and for models, in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dix.catalog.columns import Row
from dix.catalog.cursors import check_limit
from dix.catalog.sorting import Order, Sortable, SortColumn, number, text
from dix.catalog.writes import Connection
from dix.records.page import Page
from dix.records.sort import SortKey

Item = TypeVar("Item")

_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VersionTable:
    """A table with `seq`, `project` and a name; a newer version of a name has the greater `seq`."""

    table: str
    name: str
    columns: str
    searched: str  # in SQL


@dataclass(frozen=True, slots=True)
class LatestFilter:
    """Which page of which names; `seen` is a condition and its values, see `sight`."""

    limit: int
    cursor: str | None
    seen: tuple[str, list[Any]]
    project: str | None = None
    user: str | None = None
    search: str | None = None
    sort: Sequence[SortKey] = ()


def list_latest(
    connection: Connection, source: VersionTable, read: Callable[[Row], Item], wanted: LatestFilter
) -> Page[Item]:
    """One page, newest first unless another order is asked for.

    The cursor carries the moment of the first page beside the last key, and all later pages show that moment: a name
    that gets a new version meanwhile neither jumps from one page to another nor is left out.
    """
    check_limit(wanted.limit)
    order = Order(_make_sortable(source), wanted.sort)
    moment, after, place = _NEWEST, "true", list[Any]()
    if wanted.cursor is not None:
        (moment,), after, place = order.read_cursor(wanted.cursor, int)
    elif (row := connection.execute(f"SELECT max(seq) FROM {source.table}").fetchone()) and row[0] is not None:
        moment = row[0]
    among, values = _filter(wanted, source)
    rows = connection.execute(
        f"""
        SELECT {source.columns}, {order.columns} FROM {source.table}
        WHERE seq IN (SELECT max(seq) FROM {source.table} WHERE seq <= ? GROUP BY {source.name})
            AND {after} AND {among} AND {wanted.seen[0]}
        ORDER BY {order.sql} LIMIT ?
        """,
        [moment, *place, *values, *wanted.seen[1], wanted.limit + 1],
    ).fetchall()
    is_last = len(rows) <= wanted.limit
    items = tuple(read(row) for row in rows[: wanted.limit])
    return Page(items, None if is_last else order.make_cursor(rows[wanted.limit - 1], moment))


def _make_sortable(source: VersionTable) -> Sortable:
    fields = {
        "created": SortColumn("seq", int),  # which grows with it, and is another one for each
        "name": text(source.name),
        "project": text("project"),
        "user": text("user"),
        "version": number("version"),
    }
    return Sortable(fields, "created", (SortKey("created", is_descending=True),))


def _filter(wanted: LatestFilter, source: VersionTable) -> tuple[str, list[Any]]:
    asked = {"project = ?": wanted.project, "user = ?": wanted.user}
    if wanted.search is not None:
        asked[f"contains(lower({source.searched}), lower(?))"] = wanted.search
    given = {sql: value for sql, value in asked.items() if value is not None}
    return " AND ".join(("true", *given)), list(given.values())
