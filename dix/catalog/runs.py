"""The drawer of runs and steps, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dix.catalog.base import Runs
from dix.catalog.batches import insert_rows
from dix.catalog.changes import Change, Decided, apply_changes, read_result, write_decided, write_result
from dix.catalog.columns import Row, to_micros
from dix.catalog.cursors import check_limit
from dix.catalog.file import CatalogFile
from dix.catalog.inbox import ChangeInbox
from dix.catalog.open_runs import OpenRuns
from dix.catalog.results import RECIPE_KINDS, make_recipe_row
from dix.catalog.rows import RUN_COLUMNS, STEP_COLUMNS, STEP_KINDS, make_run_row, make_step_row, read_run, read_step
from dix.catalog.sight import filter_runs
from dix.catalog.sorting import Order, Sortable, SortColumn, number, text
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, NotFound
from dix.records.change import ChangeResult, ChangeSet
from dix.records.page import Page
from dix.records.recipe import Recipe
from dix.records.run import Run, RunFilter
from dix.records.sort import SortKey
from dix.records.states import RunState, run_is_over
from dix.records.step import Step

NEW_STEP_KINDS = (*STEP_KINDS, *RECIPE_KINDS, ("position", pa.int32()))
_UNFINISHED = [state.value for state in RunState if not run_is_over(state)]


# In which `search` looks.
_SEARCHED = ("id", "flow", "user", "project", "reason", "error", "event", "params")
_SEARCH = " OR ".join(f"contains(lower({column}), lower(?))" for column in _SEARCHED)
_SORTABLE = Sortable(
    {
        "created": SortColumn("created", int),
        **{name: SortColumn(name, str) for name in ("id", "flow", "project", "state", "driver")},
        **{name: number(name) for name in ("started", "ended", "priority", "logical_date")},
        "user": text("user"),
    },
    "id",
    (SortKey("created", is_descending=True),),
)


class RunTable:
    """Runs by id, steps by run and node."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._creating = Write(_create)
        self._open_runs = OpenRuns()
        self._applying: Write[Change, ChangeResult] = Write(
            lambda connection, change: self._apply(connection, [change])[0],
            encode=write_result,
            decode=read_result,
            many=self._apply,
        )
        working_in: Write[Decided, ChangeResult] = Write(
            lambda connection, decided: self._work_in(connection, [decided])[0],
            encode=write_result,
            decode=read_result,
            many=self._work_in,
        )
        file.use_inbox(ChangeInbox(self._applying, working_in, self._open_runs))

    def create_run(
        self,
        run: Run,
        steps: tuple[Step, ...],
        recipes: Mapping[str, Recipe] | None = None,
        *,
        request: str | None = None,
    ) -> None:
        self._file.write(self._creating, _NewRun(run.id, make_run_row(run), make_new_steps(steps, recipes)), request)

    def get_run(self, id: str) -> Run:
        with self._file.reading() as cursor:
            row = cursor.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", [id]).fetchone()
        if row is None:
            raise NotFound("run", id)
        return read_run(row)

    def list_runs(
        self, wanted: RunFilter, limit: int = 50, cursor: str | None = None, sort: tuple[SortKey, ...] = ()
    ) -> Page[Run]:
        check_limit(limit)
        order = Order(_SORTABLE, sort)
        conditions, values = _read_filter(wanted)
        if cursor is not None:
            _before, after, place = order.read_cursor(cursor)
            conditions, values = [*conditions, after], [*values, *place]
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {RUN_COLUMNS}, {order.columns} FROM runs WHERE {' AND '.join(conditions)} "
                f"ORDER BY {order.sql} LIMIT ?",
                [*values, limit + 1],
            ).fetchall()
        runs = tuple(read_run(row) for row in rows[:limit])
        return Page(runs, order.make_cursor(rows[limit - 1]) if len(rows) > limit else None)

    def list_unfinished_runs(self) -> tuple[Run, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE state IN (?, ?) AND NOT held ORDER BY created, id",
                _UNFINISHED,
            ).fetchall()
        return tuple(read_run(row) for row in rows)

    def list_steps(self, run: str) -> tuple[Step, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(f"SELECT {STEP_COLUMNS} FROM steps WHERE run = ? ORDER BY position", [run]).fetchall()
            if not rows and not _exists(cursor, run):
                raise NotFound("run", run)
        return tuple(read_step(row) for row in rows)

    def list_steps_of(self, runs: tuple[str, ...]) -> dict[str, tuple[Step, ...]]:
        found: dict[str, list[Step]] = {run: [] for run in runs}
        places = ", ".join("?" for _ in runs)
        if runs:
            with self._file.reading() as cursor:
                sql = f"SELECT {STEP_COLUMNS} FROM steps WHERE run IN ({places}) ORDER BY position"
                rows = cursor.execute(sql, list(runs)).fetchall()
            for step in map(read_step, rows):
                found[step.run].append(step)
        return {run: tuple(steps) for run, steps in found.items()}

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        if not changes.steps and not changes.runs:
            return ChangeResult()
        return self._file.write(self._applying, Change(changes), request)

    def _apply(self, connection: Connection, changes: list[Change]) -> list[ChangeResult]:
        return apply_changes(self._file, connection, self._open_runs, changes)

    def _work_in(self, connection: Connection, changes: list[Decided]) -> list[ChangeResult]:
        return write_decided(self._file, connection, self._open_runs, changes)


def make_new_steps(steps: tuple[Step, ...], recipes: Mapping[str, Recipe] | None) -> list[Row]:
    """The rows of a run's steps with what they are made by, in the order of NEW_STEP_KINDS."""
    made_by = {node: make_recipe_row(recipe) for node, recipe in (recipes or {}).items()}
    return [
        (*make_step_row(step), *made_by.get(step.node, (None, None)), position) for position, step in enumerate(steps)
    ]


@dataclass(frozen=True, slots=True)
class _NewRun:
    """A run made ready outside the transaction."""

    id: str
    row: Row
    steps: list[Row]


def _create(connection: Connection, new: _NewRun) -> None:
    if _exists(connection, new.id):
        raise AlreadyExists("run", new.id)
    places = ", ".join("?" for _ in new.row)
    connection.execute(f"INSERT INTO runs ({RUN_COLUMNS}) VALUES ({places})", new.row)
    insert_rows(connection, "steps", NEW_STEP_KINDS, new.steps)


def _exists(connection: Connection, id: str) -> bool:
    return connection.execute("SELECT 1 FROM runs WHERE id = ?", [id]).fetchone() is not None


def _read_filter(wanted: RunFilter) -> tuple[list[str], list[Any]]:
    """What a filter asks for, as conditions and their values; at least one condition."""
    states = (wanted.state,) if isinstance(wanted.state, RunState) else wanted.state
    asked = {
        "flow = ?": wanted.flow,
        "list_contains(?::VARCHAR[], state)": list(map(str, states)) if states else None,
        "driver = ?": None if wanted.driver is None else str(wanted.driver),
        "project = ?": wanted.project,
        "user = ?": wanted.user,
        "created >= ?": to_micros(wanted.since),
        "created < ?": to_micros(wanted.until),
        f"({_SEARCH})": wanted.search,
        "origin = ?": wanted.origin,
        "held = ?": wanted.held,
    }
    given_only = {sql: value for sql, value in asked.items() if value is not None}
    seen, values = filter_runs(wanted.sight)
    given = [value for sql, value in given_only.items() for _place in range(sql.count("?"))]
    return [seen, *given_only], [*values, *given]


def _fits(table: RunTable) -> Runs:
    return table
