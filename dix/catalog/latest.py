"""The latest version of each name, in pages: the same question for flows and for models, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dix.catalog.columns import Row
from dix.catalog.cursors import Key, check_limit, make_page, read_cursor
from dix.catalog.writes import Connection
from dix.records.page import Page

Item = TypeVar("Item")

_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class VersionTable:
    """A table with `seq`, `project` and a name; a newer version of a name has the greater `seq`."""

    table: str
    name: str
    columns: str


def list_latest(
    connection: Connection,
    source: VersionTable,
    read: Callable[[Row], Item],
    *,
    limit: int,
    cursor: str | None,
    project: str | None,
    seen: tuple[str, dict[str, Any]],
) -> Page[Item]:
    """One page, newest first.

    The cursor carries the moment of the first page beside the last key, and all later pages show that moment: a name
    that gets a new version meanwhile neither jumps from one page to another nor is left out. `seen` is a condition
    and its values, see `sight`.
    """
    check_limit(limit)
    moment, last = read_cursor(cursor, int, int) if cursor is not None else (_NEWEST, _NEWEST)
    rows = connection.execute(
        f"""
        SELECT {source.columns}, seq FROM {source.table}
        WHERE seq IN (SELECT max(seq) FROM {source.table} WHERE seq <= $moment GROUP BY {source.name})
            AND seq < $last AND ($project::VARCHAR IS NULL OR project = $project) AND {seen[0]}
        ORDER BY seq DESC LIMIT $limit
        """,
        {"moment": moment, "last": last, "project": project, "limit": limit + 1, **seen[1]},
    ).fetchall()
    if rows and moment == _NEWEST:
        moment = rows[0][-1]
    keys: list[Key] = [(moment, row[-1]) for row in rows]
    return make_page([read(row) for row in rows], keys, limit)
