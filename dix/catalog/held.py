"""The drawer of runs that are written down and wait for their driver, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dix.catalog.base import Held
from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.limits import read_limits
from dix.catalog.rows import RUN_COLUMNS, RUN_KINDS, make_run_row, read_run
from dix.catalog.runs import NEW_STEP_KINDS, make_new_steps
from dix.catalog.telemetry import write_events
from dix.catalog.writes import Connection, Write
from dix.records.event import Event
from dix.records.recipe import Recipe
from dix.records.run import Run
from dix.records.states import Driver, RunState
from dix.records.step import Step
from dix.records.stream import Stream
from dix.records.waiting import Waiting

_ORDER = "priority DESC, place, created, id"
_SAME_STREAM = "flow = ? AND driver = ? AND origin IS NOT DISTINCT FROM ?"
_IS_HELD = f"held AND state = '{RunState.QUEUED}'"


class HeldTable:
    """Rows of the runs, as long as they are held."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._holding = Write(_hold)
        self._editing = Write(_edit, encode=_say, decode=_hear)
        self._letting_in = Write(_let_in, encode=_say, decode=_hear)
        self._ending = Write(self._end, encode=_say, decode=_hear)
        self._explaining = Write(_explain)
        self._cancelling = Write(self._cancel)

    def hold_runs(self, runs: tuple[Run, ...]) -> None:
        self._file.write(self._holding, [make_run_row(run) for run in runs])

    def look(self, depth: int) -> Waiting:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {RUN_COLUMNS} FROM runs WHERE {_IS_HELD} "
                f"QUALIFY row_number() OVER (PARTITION BY flow, driver, origin ORDER BY {_ORDER}) <= ? "
                f"ORDER BY {_ORDER}",
                [depth],
            ).fetchall()
            opened = cursor.execute(
                "SELECT flow, driver, origin, count(*) FROM runs WHERE state IN (?, ?) AND NOT held GROUP BY ALL",
                [RunState.QUEUED.value, RunState.RUNNING.value],
            ).fetchall()
            limits = read_limits(cursor)
        counts = {Stream(flow, Driver(driver), origin): count for flow, driver, origin, count in opened}
        return Waiting(tuple(read_run(row) for row in rows), counts, limits)

    def edit_held(
        self,
        id: str,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        priority: int | None = None,
        request: str | None = None,
    ) -> bool:
        told = None if params is None else to_json("params", dict(params))
        return self._file.write(self._editing, (told, place, priority, id), request)

    def let_in(
        self,
        run: Run,
        steps: tuple[Step, ...],
        recipes: Mapping[str, Recipe] | None = None,
        *,
        request: str | None = None,
    ) -> bool:
        row = (to_json("models", run.models), to_json("code", run.code), run.id)
        return self._file.write(self._letting_in, (row, make_new_steps(steps, recipes)), request)

    def end_held(
        self, id: str, to: RunState, at: datetime, error: str | None = None, *, request: str | None = None
    ) -> bool:
        return self._file.write(self._ending, _Ending(id, to, at, error), request)

    def cancel_origin(self, origin: str, at: datetime) -> int:
        return self._file.write(self._cancelling, (origin, at))

    def explain(self, reasons: Mapping[Stream, str]) -> None:
        rows = [
            (to_text(reason), stream.flow, stream.driver.value, stream.origin) for stream, reason in reasons.items()
        ]
        self._file.write(self._explaining, rows)

    def _cancel(self, connection: Connection, given: tuple[str, datetime]) -> int:
        origin, at = given
        cancelled = connection.execute(
            f"UPDATE runs SET state = ?, ended = ?, reason = NULL, held = false WHERE origin = ? AND {_IS_HELD} "
            "RETURNING id",
            [RunState.CANCELLED.value, to_micros(at), origin],
        ).fetchall()
        write_events(self._file, connection, [Event(run, None, 0, RunState.CANCELLED, at, {}) for (run,) in cancelled])
        return len(cancelled)

    def _end(self, connection: Connection, ending: _Ending) -> bool:
        changed = connection.execute(
            f"UPDATE runs SET state = ?, ended = ?, error = ?, reason = NULL, held = false WHERE id = ? AND {_IS_HELD}",
            [ending.to.value, to_micros(ending.at), to_text(ending.error), ending.id],
        ).fetchone()
        if not _is_any(changed):
            return False
        data = {} if ending.error is None else {"error": ending.error}
        write_events(self._file, connection, [Event(ending.id, None, 0, ending.to, ending.at, data)])
        return True


@dataclass(frozen=True, slots=True)
class _Ending:
    id: str
    to: RunState
    at: datetime
    error: str | None


def _hold(connection: Connection, rows: list[Row]) -> None:
    ids = [row[0] for row in rows]
    there = connection.execute("SELECT id FROM runs WHERE id = ANY(?::VARCHAR[])", [ids]).fetchall()
    known = {name for (name,) in there}
    insert_rows(connection, "runs", RUN_KINDS, [row for row in rows if row[0] not in known])


def _edit(connection: Connection, edit: Row) -> bool:
    return _is_any(
        connection.execute(
            "UPDATE runs SET params = coalesce(?, params), place = coalesce(?, place), "
            f"priority = coalesce(?, priority) WHERE id = ? AND {_IS_HELD}",
            list(edit),
        ).fetchone()
    )


def _let_in(connection: Connection, given: tuple[Row, list[Row]]) -> bool:
    row, steps = given
    changed = connection.execute(
        f"UPDATE runs SET held = false, reason = NULL, models = ?, code = ? WHERE id = ? AND {_IS_HELD}", list(row)
    ).fetchone()
    if not _is_any(changed):
        return False
    insert_rows(connection, "steps", NEW_STEP_KINDS, steps)
    return True


def _explain(connection: Connection, rows: list[Row]) -> None:
    for reason, *stream in rows:
        connection.execute(
            f"UPDATE runs SET reason = ? WHERE {_IS_HELD} AND {_SAME_STREAM} AND reason IS DISTINCT FROM ?",
            [reason, *stream, reason],
        )


def _say(is_done: object) -> str:
    return "done" if is_done else "refused"


def _hear(_connection: Connection, _item: object, answer: str) -> bool:
    return answer == _say(is_done=True)


def _is_any(counted: Row | None) -> bool:
    """Whether a statement has changed any row."""
    return counted is not None and bool(counted[0])


def _fits(table: HeldTable) -> Held:
    return table
