"""The drawer of attempts, in SQL: those that have ended, and beside them the few that are under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from dix.catalog.base import Attempts
from dix.catalog.batches import check_batch, execute_with, insert_rows, make_batch
from dix.catalog.columns import Row, find_moment, from_micros, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.sight import filter_runs
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.records.attempt import Allocated, Attempt, AttemptOutcome, Used
from dix.records.sight import EVERYTHING, Sight
from dix.records.states import StepState

_KEY = (("run", pa.string()), ("node", pa.string()), ("attempt", pa.int32()))
_KINDS = (
    *_KEY,
    ("project", pa.string()),
    ("user", pa.string()),
    ("flow", pa.string()),
    ("started", pa.int64()),
    ("machine", pa.string()),
    ("ended", pa.int64()),
    ("outcome", pa.string()),
    ("error", pa.string()),
    ("cpu", pa.float64()),
    ("gpu", pa.float64()),
    ("gpu_type", pa.string()),
    ("memory_bytes", pa.int64()),
    ("disk_bytes", pa.int64()),
    ("cpu_used", pa.int64()),
    ("peak_memory_bytes", pa.int64()),
    ("gpu_utilisation", pa.float64()),
)
_COLUMNS = ", ".join(name for name, _kind in _KINDS)
_MICROS = 1_000_000


class AttemptTable:
    """Ended attempts stay as they are; `open_attempts` stays as small as what runs at one time."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._noting = Write(_note_alive)

    def list_attempts(self, run: str) -> tuple[Attempt, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"""
                SELECT {_COLUMNS} FROM attempts WHERE run = $run AND outcome <> $look
                UNION ALL SELECT {_COLUMNS} FROM open_attempts WHERE run = $run
                ORDER BY started, node, attempt
                """,
                {"run": run, "look": AttemptOutcome.NOT_THERE.value},
            ).fetchall()
            if not rows and cursor.execute("SELECT 1 FROM runs WHERE id = ?", [run]).fetchone() is None:
                raise NotFound("run", run)
        return tuple(_read(row) for row in rows)

    def list_earlier(
        self, flow: str, nodes: tuple[str, ...], limit: int, sight: Sight = EVERYTHING
    ) -> dict[str, tuple[Attempt, ...]]:
        seen, values = filter_runs(sight)
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"""
                SELECT {_COLUMNS} FROM attempts
                WHERE flow = ? AND outcome = ? AND node = ANY(?::VARCHAR[]) AND {seen}
                QUALIFY row_number() OVER (PARTITION BY node ORDER BY ended DESC) <= ? ORDER BY ended DESC
                """,
                [flow, AttemptOutcome.SUCCEEDED.value, list(nodes), *values, limit],
            ).fetchall()
        found: dict[str, list[Attempt]] = {node: [] for node in nodes}
        for attempt in map(_read, rows):
            found[attempt.node].append(attempt)
        return {node: tuple(attempts) for node, attempts in found.items()}

    def list_open_attempts(self) -> tuple[Attempt, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(f"SELECT {_COLUMNS} FROM open_attempts ORDER BY started, run, node").fetchall()
        return tuple(_read(row) for row in rows)

    def note_alive(self, at: datetime) -> None:
        self._file.write(self._noting, at)

    def find_alive(self) -> datetime | None:
        with self._file.reading() as cursor:
            row = cursor.execute("SELECT max(moment) FROM signs").fetchone()
        return find_moment(row[0]) if row else None


def check_attempts(attempts: Sequence[Attempt]) -> None:
    """Raises TypeError or ValueError for attempts that could not be written."""
    check_batch(_KINDS, [_to_row(one) for one in attempts])


def write_attempts(connection: Connection, moves: Sequence[tuple[StepState, Attempt]]) -> None:
    """Begin and end attempts, each given with the state that its step had before; for the open transaction.

    A look for a path may be told twice, because its step is afterwards what it was before: the second time counts.
    """
    last = {(one.run, one.node, one.attempt, one.started): one for _before, one in moves}
    ended = [one for one in last.values() if one.ended is not None]
    begun = {(one.run, one.node, one.attempt) for before, one in moves if one.ended and before is StepState.RUNNING}
    _delete_open(connection, list(begun))
    _delete_looks(connection, [_name_look(one) for before, one in moves if _may_be_told_again(before, one)])
    insert_rows(connection, "attempts", _KINDS, [_to_row(one) for one in ended])
    insert_rows(connection, "open_attempts", _KINDS, [_to_row(one) for one in last.values() if one.ended is None])


def _delete_open(connection: Connection, keys: list[Row]) -> None:
    if len(keys) == 1:
        connection.execute("DELETE FROM open_attempts WHERE run = ? AND node = ? AND attempt = ?", keys[0])
    elif keys:
        given = make_batch(_KEY, keys)
        sql = "DELETE FROM open_attempts USING given WHERE " + _same("open_attempts", "given")
        execute_with(connection, sql, given)


def _delete_looks(connection: Connection, looks: list[Row]) -> None:
    """Those of them that are there already."""
    if looks:
        sql = (
            f"DELETE FROM attempts USING given WHERE {_same('attempts', 'given')} AND attempts.started = given.started"
        )
        execute_with(connection, sql, make_batch((*_KEY, ("started", pa.int64())), looks))


def _may_be_told_again(before: StepState, attempt: Attempt) -> bool:
    """Whether it may be a look that has been told; what the last one came to is a failure."""
    looks = {AttemptOutcome.NOT_THERE, AttemptOutcome.FAILED}
    return before is not StepState.RUNNING and attempt.outcome in looks


def _name_look(attempt: Attempt) -> Row:
    return (attempt.run, attempt.node, attempt.attempt, to_micros(attempt.started))


def _same(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name, _kind in _KEY)


def _note_alive(connection: Connection, at: datetime) -> None:
    connection.execute("UPDATE signs SET moment = ?", [to_micros(at)])


def _to_row(attempt: Attempt) -> Row:
    allocated, used = attempt.allocated, attempt.used
    return (
        attempt.run,
        attempt.node,
        attempt.attempt,
        attempt.project,
        attempt.user,
        attempt.flow,
        to_micros(attempt.started),
        attempt.machine,
        to_micros(attempt.ended),
        str(attempt.outcome) if attempt.outcome else None,
        to_text(attempt.error),
        allocated.cpu,
        allocated.gpu,
        allocated.gpu_type,
        allocated.memory_bytes,
        allocated.disk_bytes,
        None if used.cpu_s is None else round(used.cpu_s * _MICROS),
        used.peak_memory_bytes,
        used.gpu_utilisation,
    )


def _read(row: Row) -> Attempt:
    run, node, attempt, project, user, flow, started, machine, ended, outcome, error = row[:11]
    *allocated, cpu_used, peak, gpu_used = row[11:]
    return Attempt(
        run,
        node,
        attempt,
        project,
        user,
        flow,
        from_micros(started),
        machine,
        find_moment(ended),
        AttemptOutcome(outcome) if outcome else None,
        error,
        Allocated(*allocated),
        Used(None if cpu_used is None else cpu_used / _MICROS, peak, gpu_used),
    )


def _fits(table: AttemptTable) -> Attempts:
    return table
