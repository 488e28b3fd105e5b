"""The drawers of schedules, and of what has been decided for them, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row, from_micros, to_micros, to_text
from dix.catalog.documents import read_document, write_document
from dix.catalog.file import CatalogFile
from dix.catalog.schedule_base import Firings, Schedules
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, NotFound
from dix.names import find_nearest
from dix.records.schedule import Firing, Mark, Missed, Schedule, ScheduleChange
from dix.records.tag import Expected, check_tag

_KEPT_MISSED = 1000
_FIRING_KINDS = (("schedule", pa.string()), ("run", pa.string()), ("position", pa.int64()), ("document", pa.string()))
_MISSED_KINDS = (
    ("schedule", pa.string()),
    ("moment", pa.int64()),
    ("first", pa.int64()),
    ("last", pa.int64()),
    ("count", pa.int64()),
    ("reason", pa.string()),
)


class ScheduleTable:
    """One row for each schedule."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._creating = Write(_create)
        self._updating = Write(_update)
        self._deleting = Write(_delete)

    def create_schedule(self, schedule: Schedule, *, request: str | None = None) -> None:
        self._file.write(self._creating, schedule, request)

    def get_schedule(self, name: str) -> Schedule:
        with self._file.reading() as cursor:
            return _get(cursor, name)

    def list_schedules(self) -> tuple[Schedule, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT document FROM schedules ORDER BY name").fetchall()
        return tuple(read_document(Schedule, text) for (text,) in rows)

    def update_schedule(
        self, schedule: Schedule, expected: Expected | None = None, *, request: str | None = None
    ) -> None:
        self._file.write(self._updating, (schedule, expected), request)

    def delete_schedule(self, name: str, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._deleting, (name, expected), request)


class FiringTable:
    """Where each schedule is; what becomes runs; what does not."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._keeping = Write(_keep)
        self._settling = Write(_settle)

    def list_marks(self) -> dict[str, Mark]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT schedule, until, seen FROM schedule_marks").fetchall()
        return {name: Mark(name, from_micros(until), seen) for name, until, seen in rows}

    def keep_changes(self, changes: Sequence[ScheduleChange], *, request: str | None = None) -> None:
        self._file.write(self._keeping, tuple(changes), request)

    def list_firings(self) -> tuple[Firing, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT document FROM firings ORDER BY position, run").fetchall()
        return tuple(read_document(Firing, text) for (text,) in rows)

    def settle_firings(self, runs: Sequence[str], missed: Sequence[Missed] = (), *, request: str | None = None) -> None:
        self._file.write(self._settling, (list(runs), tuple(missed)), request)

    def list_missed(self, schedule: str) -> tuple[Missed, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT schedule, first, last, count, reason, moment FROM missed WHERE schedule = ? "
                "ORDER BY moment DESC, last DESC LIMIT ?",
                [schedule, _KEPT_MISSED],
            ).fetchall()
        return tuple(
            Missed(name, from_micros(first), from_micros(last), count, reason, from_micros(moment))
            for name, first, last, count, reason, moment in rows
        )


def _create(connection: Connection, schedule: Schedule) -> None:
    if connection.execute("SELECT 1 FROM schedules WHERE name = ?", [schedule.name]).fetchone():
        raise AlreadyExists("schedule", schedule.name)
    connection.execute("INSERT INTO schedules (name, project, document) VALUES (?, ?, ?)", _to_row(schedule))


def _update(connection: Connection, update: tuple[Schedule, Expected | None]) -> None:
    schedule, expected = update
    _check(connection, schedule.name, expected)
    name, project, document = _to_row(schedule)
    connection.execute("UPDATE schedules SET project = ?, document = ? WHERE name = ?", [project, document, name])


def _delete(connection: Connection, given: tuple[str, Expected | None]) -> None:
    name, expected = given
    _check(connection, name, expected)
    connection.execute("DELETE FROM schedules WHERE name = ?", [name])
    for table in ("schedule_marks", "firings", "missed"):
        connection.execute(f"DELETE FROM {table} WHERE schedule = ?", [name])


def _check(connection: Connection, name: str, expected: Expected | None) -> None:
    before = _get(connection, name)
    check_tag(expected, "schedule", name, before.tag, by=before.changed_by, at=before.changed or before.created)


def _get(connection: Connection, name: str) -> Schedule:
    row = connection.execute("SELECT document FROM schedules WHERE name = ?", [name]).fetchone()
    if row is None:
        names = connection.execute("SELECT name FROM schedules").fetchall()
        raise NotFound("schedule", name, find_nearest(name, (known for (known,) in names)))
    return read_document(Schedule, row[0])


def _to_row(schedule: Schedule) -> Row:
    return schedule.name, schedule.project, write_document(schedule)


def _keep(connection: Connection, changes: tuple[ScheduleChange, ...]) -> None:
    names = [change.mark.schedule for change in changes]
    there = connection.execute("SELECT name FROM schedules WHERE name = ANY(?::VARCHAR[])", [names]).fetchall()
    known = {name for (name,) in there}
    kept = [change for change in changes if change.mark.schedule in known]
    marks = [(change.mark.schedule, to_micros(change.mark.until), change.mark.seen) for change in kept]
    connection.execute("DELETE FROM schedule_marks WHERE schedule = ANY(?::VARCHAR[])", [[row[0] for row in marks]])
    kinds = (("schedule", pa.string()), ("until", pa.int64()), ("seen", pa.string()))
    insert_rows(connection, "schedule_marks", kinds, marks)
    firings = [firing for change in kept for firing in change.firings]
    rows = [(one.schedule, one.run, one.place, write_document(one)) for one in firings]
    insert_rows(connection, "firings", _FIRING_KINDS, rows)
    _add_missed(connection, [one for change in kept for one in change.missed])


def _settle(connection: Connection, given: tuple[list[str], tuple[Missed, ...]]) -> None:
    runs, missed = given
    connection.execute("DELETE FROM firings WHERE run = ANY(?::VARCHAR[])", [runs])
    _add_missed(connection, missed)


def _add_missed(connection: Connection, missed: Sequence[Missed]) -> None:
    rows: list[Row] = [
        (one.schedule, to_micros(one.at), to_micros(one.first), to_micros(one.last), one.count, to_text(one.reason))
        for one in missed
    ]
    insert_rows(connection, "missed", _MISSED_KINDS, rows)
    for name in {one.schedule for one in missed}:
        connection.execute(
            "DELETE FROM missed WHERE schedule = ? AND moment < "
            "(SELECT min(moment) FROM (SELECT moment FROM missed WHERE schedule = ? ORDER BY moment DESC LIMIT ?))",
            [name, name, _KEPT_MISSED],
        )


def _fits(schedules: ScheduleTable, firings: FiringTable) -> tuple[Schedules, Firings]:
    return schedules, firings
