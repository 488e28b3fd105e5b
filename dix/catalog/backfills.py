"""The drawer of backfills, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dix.catalog.columns import from_json, from_micros, to_micros
from dix.catalog.documents import read_document, write_document
from dix.catalog.file import CatalogFile
from dix.catalog.schedule_base import Backfills
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, NotFound
from dix.records.backfill import Backfill, DatedRun
from dix.records.states import Driver, RunState
from dix.records.tag import Expected, check_tag


class BackfillTable:
    """One row for each; its runs are rows of runs."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._creating = Write(_create)
        self._updating = Write(_update)

    def create_backfill(self, backfill: Backfill, *, request: str | None = None) -> None:
        self._file.write(self._creating, backfill, request)

    def get_backfill(self, id: str) -> Backfill:
        with self._file.reading() as cursor:
            return _get(cursor, id)

    def list_backfills(self) -> tuple[Backfill, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT document FROM backfills ORDER BY created DESC, id DESC").fetchall()
        return tuple(read_document(Backfill, text) for (text,) in rows)

    def update_backfill(
        self, backfill: Backfill, expected: Expected | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._updating, (backfill, expected), request)

    def count_runs(self, origins: Sequence[str]) -> dict[str, dict[RunState, int]]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT origin, state, count(*) FROM runs WHERE origin = ANY(?::VARCHAR[]) GROUP BY ALL",
                [list(origins)],
            ).fetchall()
        counted: dict[str, dict[RunState, int]] = {}
        for origin, state, count in rows:
            counted.setdefault(origin, {})[RunState(state)] = count
        return counted

    def list_dated(self, flow: str, project: str, first: datetime, last: datetime) -> tuple[DatedRun, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT logical_date, interval_start, interval_end, id, state, params FROM runs "
                "WHERE flow = ? AND project = ? AND logical_date BETWEEN ? AND ? AND driver != ? "
                "AND (selection = '{}' OR state IN (?, ?)) ORDER BY created DESC, id DESC",
                [
                    flow,
                    project,
                    to_micros(first),
                    to_micros(last),
                    Driver.PARAMETER.value,
                    RunState.QUEUED.value,
                    RunState.RUNNING.value,
                ],
            ).fetchall()
        return tuple(
            DatedRun(
                from_micros(date),
                from_micros(date if start is None else start),
                from_micros(date if end is None else end),
                run,
                RunState(state),
                from_json(params),
            )
            for date, start, end, run, state, params in rows
        )


def _create(connection: Connection, backfill: Backfill) -> None:
    if connection.execute("SELECT 1 FROM backfills WHERE id = ?", [backfill.id]).fetchone():
        raise AlreadyExists("backfill", backfill.id)
    connection.execute(
        "INSERT INTO backfills (id, project, created, document) VALUES (?, ?, ?, ?)",
        [backfill.id, backfill.project, to_micros(backfill.created), write_document(backfill)],
    )


def _update(connection: Connection, update: tuple[Backfill, Expected | None]) -> None:
    backfill, expected = update
    before = _get(connection, backfill.id)
    at = before.changed or before.created
    check_tag(expected, "backfill", backfill.id, before.tag, by=before.changed_by, at=at)
    connection.execute("UPDATE backfills SET document = ? WHERE id = ?", [write_document(backfill), backfill.id])


def _get(connection: Connection, id: str) -> Backfill:
    row = connection.execute("SELECT document FROM backfills WHERE id = ?", [id]).fetchone()
    if row is None:
        raise NotFound("backfill", id)
    return read_document(Backfill, row[0])


def _fits(table: BackfillTable) -> Backfills:
    return table
