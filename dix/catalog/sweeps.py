"""The drawer of sweeps, in SQL."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dix.catalog.columns import Row, find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.catalog.cursors import check_limit
from dix.catalog.file import CatalogFile
from dix.catalog.sight import filter_runs
from dix.catalog.sorting import Order, Sortable, SortColumn, number, text
from dix.catalog.sweeps_base import Sweeps
from dix.catalog.trials import insert_trials
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, Conflict, NotFound
from dix.names import find_nearest
from dix.records.page import Page
from dix.records.sight import EVERYTHING, Sight
from dix.records.sort import SortKey
from dix.records.sweep import Budget, Method, Mode, Objective, Sweep, SweepFilter, SweepState, Take
from dix.records.tag import Expected, check_tag
from dix.records.trial import Trial

_COLUMNS = (
    "name, flow, flow_version, project, created, method, user, state, reason, ended, changed, changed_by, "
    "description, document"
)
# What stands in `document`, as JSON.
_DOCUMENT = (
    "space",
    "table",
    "params",
    "objectives",
    "options",
    "budget",
    "concurrency",
    "patience",
    "seed",
    "replicates",
    "seed_param",
    "retries",
    "counts_failed",
    "priority",
    "cache",
)
_SORTABLE = Sortable(
    {
        "created": SortColumn("created", int),
        **{name: SortColumn(name, str) for name in ("name", "flow", "project", "state", "method")},
        "ended": number("ended"),
        "user": text("user"),
    },
    "name",
    (SortKey("created", is_descending=True),),
)
_SEARCH = " OR ".join(
    f"contains(lower({column}), lower(?))" for column in ("name", "flow", "description", "user", "project")
)


class SweepTable:
    """One row for each sweep; their trials are in tables of their own."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._creating = Write(_create)
        self._changing = Write(_change)
        self._deleting = Write(_delete)

    def create_sweep(self, sweep: Sweep, trials: tuple[Trial, ...], *, request: str | None = None) -> None:
        self._file.write(self._creating, (_to_row(sweep), trials), request)

    def get_sweep(self, name: str) -> Sweep:
        with self._file.reading() as cursor:
            found = _find(cursor, name)
            if found is None:
                raise _make_not_found(cursor, name)
        return found

    def list_sweeps(
        self,
        wanted: SweepFilter,
        limit: int = 50,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
        sight: Sight = EVERYTHING,
    ) -> Page[Sweep]:
        check_limit(limit)
        order = Order(_SORTABLE, sort)
        conditions, values = _read_filter(wanted, sight)
        if cursor is not None:
            _before, after, place = order.read_cursor(cursor)
            conditions, values = [*conditions, after], [*values, *place]
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, {order.columns} FROM sweeps WHERE {' AND '.join(conditions)} "
                f"ORDER BY {order.sql} LIMIT ?",
                [*values, limit + 1],
            ).fetchall()
        sweeps = tuple(_read(row) for row in rows[:limit])
        return Page(sweeps, order.make_cursor(rows[limit - 1]) if len(rows) > limit else None)

    def list_open_sweeps(self) -> tuple[str, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT name FROM sweeps WHERE state IN ('running', 'paused') OR EXISTS (SELECT 1 FROM trials "
                "WHERE trials.sweep = sweeps.name AND trials.state IN ('held', 'paused')) ORDER BY created"
            ).fetchall()
        return tuple(name for (name,) in rows)

    def change_sweep(self, sweep: Sweep, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._changing, (_to_row(sweep), expected), request)

    def delete_sweep(self, name: str, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._deleting, (name, expected), request)


def _create(connection: Connection, new: tuple[Row, tuple[Trial, ...]]) -> None:
    row, trials = new
    if _find(connection, row[0]) is not None:
        raise AlreadyExists("sweep", row[0])
    places = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO sweeps ({_COLUMNS}) VALUES ({places})", row)
    insert_trials(connection, trials)


def _change(connection: Connection, given: tuple[Row, Expected | None]) -> None:
    (name, *values), expected = given
    _check(connection, name, expected)
    columns = ", ".join(f"{column} = ?" for column in _COLUMNS.split(", ")[1:])
    connection.execute(f"UPDATE sweeps SET {columns} WHERE name = ?", [*values, name])


def _delete(connection: Connection, given: tuple[str, Expected | None]) -> None:
    name, expected = given
    before = _check(connection, name, expected)
    if not before.is_over:
        raise Conflict("sweep", name, before.state, "deleted; stop it first")
    for table in ("sweeps WHERE name", "trials WHERE sweep", "trial_runs WHERE sweep"):
        connection.execute(f"DELETE FROM {table} = ?", [name])


def _check(connection: Connection, name: str, expected: Expected | None) -> Sweep:
    before = _find(connection, name)
    if before is None:
        raise _make_not_found(connection, name)
    check_tag(expected, "sweep", name, before.tag, by=before.changed_by, at=before.changed or before.created)
    return before


def _find(connection: Connection, name: str) -> Sweep | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM sweeps WHERE name = ?", [name]).fetchone()
    return _read(row) if row else None


def _make_not_found(connection: Connection, name: str) -> NotFound:
    names = connection.execute("SELECT name FROM sweeps").fetchall()
    return NotFound("sweep", name, find_nearest(name, (known for (known,) in names)))


def _read_filter(wanted: SweepFilter, sight: Sight) -> tuple[list[str], list[Any]]:
    asked = {
        "flow = ?": wanted.flow,
        "list_contains(?::VARCHAR[], state)": [str(state) for state in wanted.state] or None,
        "project = ?": wanted.project,
        "user = ?": wanted.user,
        f"({_SEARCH})": wanted.search,
    }
    given = {sql: value for sql, value in asked.items() if value is not None}
    seen, values = filter_runs(sight)
    return [seen, *given], [*values, *(value for sql, value in given.items() for _place in range(sql.count("?")))]


def _to_row(sweep: Sweep) -> Row:
    document = asdict(sweep)
    return (
        sweep.name,
        sweep.flow,
        sweep.flow_version,
        sweep.project,
        to_micros(sweep.created),
        sweep.method.value,
        sweep.user,
        sweep.state.value,
        to_text(sweep.reason),
        to_micros(sweep.ended),
        to_micros(sweep.changed),
        sweep.changed_by,
        to_text(sweep.description) or "",
        to_json("sweep", {name: document[name] for name in _DOCUMENT}),
    )


def _read(row: Row) -> Sweep:
    name, flow, version, project, created, method, user, state, reason, ended, changed, changed_by = row[:12]
    description, document = row[12], from_json(row[13])
    objectives = tuple(
        Objective(one["node"], one["metric"], Mode(one["mode"]), Take(one["take"]), one["step"])
        for one in document.pop("objectives")
    )
    budget, table = Budget(**document.pop("budget")), tuple(document.pop("table"))
    return Sweep(
        name=name,
        flow=flow,
        flow_version=version,
        project=project,
        created=from_micros(created),
        method=Method(method),
        user=user,
        state=SweepState(state),
        reason=reason,
        ended=find_moment(ended),
        changed=find_moment(changed),
        changed_by=changed_by,
        description=description,
        objectives=objectives,
        budget=budget,
        table=table,
        **document,
    )


def _fits(table: SweepTable) -> Sweeps:
    return table
