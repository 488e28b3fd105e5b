"""The drawer of runs and steps, in SQL."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from dix.catalog.base import Runs
from dix.catalog.changes import Change, read_result, write_result
from dix.catalog.columns import make_batch, to_micros
from dix.catalog.cursors import Key, check_limit, make_page, read_cursor
from dix.catalog.file import CatalogFile, Connection, given
from dix.catalog.rows import RUN_COLUMNS, STEP_COLUMNS, STEP_KINDS, make_run_row, make_step_row, read_run, read_step
from dix.errors import AlreadyExists, NotFound
from dix.records.change import ChangeResult, ChangeSet
from dix.records.page import Page
from dix.records.run import Run, RunFilter
from dix.records.states import RunState, run_is_over
from dix.records.step import Step

_UNFINISHED = [state.value for state in RunState if not run_is_over(state)]


class RunTable:
    """Runs by id, steps by run and node."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file

    def create_run(self, run: Run, steps: tuple[Step, ...], *, request: str | None = None) -> None:
        run_row = make_run_row(run)
        batch = make_batch(STEP_KINDS, [make_step_row(step) for step in steps])
        batch = batch.append_column("position", pa.array(range(len(steps)), pa.int32()))

        def create(connection: Connection) -> None:
            if _exists(connection, run.id):
                raise AlreadyExists("run", run.id)
            places = ", ".join("?" for _ in run_row)
            connection.execute(f"INSERT INTO runs ({RUN_COLUMNS}) VALUES ({places})", run_row)
            if steps:
                with given(connection, batch):
                    connection.execute("INSERT INTO steps BY NAME SELECT * FROM given")

        self._file.write_once(request, create, encode=lambda _: "done", decode=lambda _connection, _answer: None)

    def get_run(self, id: str) -> Run:
        with self._file.reading() as cursor:
            row = cursor.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", [id]).fetchone()
        if row is None:
            raise NotFound("run", id)
        return read_run(row)

    def list_runs(self, wanted: RunFilter, limit: int = 50, cursor: str | None = None) -> Page[Run]:
        check_limit(limit)
        conditions, values = _read_filter(wanted)
        if cursor is not None:
            conditions.append("(created, id) < (?, ?)")
            values += read_cursor(cursor, int, str)
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE {' AND '.join(conditions)} "
                "ORDER BY created DESC, id DESC LIMIT ?",
                [*values, limit + 1],
            ).fetchall()
        runs = [read_run(row) for row in rows]
        keys: list[Key] = [(to_micros(run.created) or 0, run.id) for run in runs]
        return make_page(runs, keys, limit)

    def list_unfinished_runs(self) -> tuple[Run, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE state IN (?, ?) ORDER BY created, id", _UNFINISHED
            ).fetchall()
        return tuple(read_run(row) for row in rows)

    def list_steps(self, run: str) -> tuple[Step, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(f"SELECT {STEP_COLUMNS} FROM steps WHERE run = ? ORDER BY position", [run]).fetchall()
            if not rows and not _exists(cursor, run):
                raise NotFound("run", run)
        return tuple(read_step(row) for row in rows)

    def apply_changes(self, changes: ChangeSet, *, request: str | None = None) -> ChangeResult:
        if not changes.steps and not changes.runs:
            return ChangeResult()
        change = Change(self._file, changes)
        return self._file.write_once(request, change.apply, encode=write_result, decode=read_result)


def _exists(connection: Connection, id: str) -> bool:
    return connection.execute("SELECT 1 FROM runs WHERE id = ?", [id]).fetchone() is not None


def _read_filter(wanted: RunFilter) -> tuple[list[str], list[Any]]:
    """What a filter asks for, as conditions and their values; at least one condition."""
    asked = {"flow": wanted.flow, "state": wanted.state, "driver": wanted.driver, "project": wanted.project}
    given_only = {name: value for name, value in asked.items() if value is not None}
    return ["true", *(f"{name} = ?" for name in given_only)], [str(value) for value in given_only.values()]


def _fits(table: RunTable) -> Runs:
    return table
