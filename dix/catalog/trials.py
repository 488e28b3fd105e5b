"""The drawer of trials, in SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row, find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.catalog.cursors import check_limit
from dix.catalog.file import CatalogFile
from dix.catalog.sorting import Order, Sortable, SortColumn, number, text
from dix.catalog.sweeps_base import Trials
from dix.catalog.trial_numbers import read_curves, read_points, read_table, sum_spending
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.records.page import Page
from dix.records.sort import SortKey
from dix.records.trial import Reports, RunReport, Trial, TrialFilter, TrialMove, TrialRun, TrialState
from dix.records.trial_table import Curves, Spending, TrialTable

_TRIAL = (
    ("sweep", pa.string()),
    ("number", pa.int32()),
    ("params", pa.string()),
    ("created", pa.int64()),
    ("state", pa.string()),
    ("place", pa.int64()),
    ("results", pa.string()),
    ("value", pa.float64()),
    ("reason", pa.string()),
    ("ended", pa.int64()),
    ("retries", pa.int32()),
    ("origin", pa.string()),
)
_RUN = (
    ("sweep", pa.string()),
    ("trial", pa.int32()),
    ("run", pa.string()),
    ("replicate", pa.int32()),
    ("segment", pa.int32()),
)
_COLUMNS = "number, params, created, state, place, results, reason, ended, retries, origin"
# A trial that is held runs as soon as one of its runs does.
_SEEN = """
    SELECT * REPLACE (
        CASE WHEN state = 'held' AND number IN (
            SELECT trial FROM trial_runs JOIN runs ON runs.id = run WHERE sweep = $sweep AND runs.state = 'running'
        ) THEN 'running' ELSE state END AS state
    ) FROM trials WHERE sweep = $sweep
"""
_SORTABLE = Sortable(
    {
        **{name: SortColumn(name, int) for name in ("number", "place", "created", "retries")},
        "ended": number("ended"),
        "state": text("state"),
        "value": SortColumn("coalesce(value, '-infinity'::DOUBLE)", float),
    },
    "number",
    (SortKey("number"),),
)


class TrialsTable:
    """One row for each trial, and one for each of its runs."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._moving = Write(_move, encode=json.dumps, decode=_read_refused)

    def move_trials(self, sweep: str, moves: tuple[TrialMove, ...], *, request: str | None = None) -> tuple[int, ...]:
        return tuple(self._file.write(self._moving, (sweep, moves), request)) if moves else ()

    def get_trial(self, sweep: str, number: int) -> Trial:
        with self._file.reading() as cursor:
            row = cursor.execute(
                f"SELECT {_COLUMNS} FROM ({_SEEN}) WHERE number = $number", {"sweep": sweep, "number": number}
            ).fetchone()
            if row is None:
                raise NotFound("trial", f"{number} of sweep {sweep}")
            runs = _read_runs(cursor, sweep, [number])
        return _read(sweep, row, runs)

    def list_trials(
        self,
        sweep: str,
        wanted: TrialFilter = TrialFilter(),  # noqa: B008 frozen
        limit: int | None = None,
        cursor: str | None = None,
        sort: tuple[SortKey, ...] = (),
    ) -> Page[Trial]:
        order = Order(_SORTABLE, sort)
        condition, values = "len($states) = 0 OR list_contains($states, state)", list[Any]()
        if cursor is not None:
            _before, after, values = order.read_cursor(cursor)
            condition = f"({condition}) AND {_number_places(after)}"
        given = {"sweep": sweep, "states": [str(state) for state in wanted.state]}
        given |= {f"place{place}": value for place, value in enumerate(values)}
        most = "" if limit is None else f"LIMIT {check_limit(limit) + 1}"
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, {order.columns} FROM ({_SEEN}) WHERE {condition} ORDER BY {order.sql} {most}",
                given,
            ).fetchall()
            kept = rows if limit is None else rows[:limit]
            runs = _read_runs(connection, sweep, [row[0] for row in kept])
        next_cursor = order.make_cursor(kept[-1]) if len(rows) > len(kept) else None
        return Page(tuple(_read(sweep, row, runs) for row in kept), next_cursor)

    def count_trials(self, sweeps: Sequence[str]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {sweep: {} for sweep in sweeps}
        with self._file.reading() as cursor:
            for sweep in sweeps:
                rows = cursor.execute(
                    f"SELECT state, count(*) FROM ({_SEEN}) GROUP BY state ORDER BY state", {"sweep": sweep}
                ).fetchall()
                found[sweep] = {state: int(count) for state, count in rows}
        return found

    def read_reports(self, runs: Sequence[str], numbers: Sequence[str], since: datetime) -> Reports:
        given = list(runs)
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT id, state, held, error, ended FROM runs WHERE id IN (SELECT unnest(?::VARCHAR[]))", [given]
            ).fetchall()
            finals, points = read_points(cursor, given, numbers, since) if numbers else ({}, ())
        reports = tuple(
            RunReport(run, state, bool(held), error, find_moment(ended), finals.get(run, {}))
            for run, state, held, error, ended in rows
        )
        return Reports(reports, points)

    def sum_spending(self, sweep: str, at: datetime) -> Spending:
        with self._file.reading() as cursor:
            return sum_spending(cursor, sweep, at)

    def read_table(self, sweep: str) -> TrialTable:
        with self._file.reading() as cursor:
            return read_table(cursor, sweep)

    def read_curves(self, sweep: str, number: str, trials: Sequence[int]) -> Curves:
        with self._file.reading() as cursor:
            return read_curves(cursor, sweep, number, trials)


def insert_trials(connection: Connection, trials: Sequence[Trial]) -> None:
    """Add new trials with their runs, in the writer's open transaction."""
    insert_rows(connection, "trials", _TRIAL, [_to_row(trial) for trial in trials])
    runs = [(trial.sweep, trial.number, run.run, run.replicate, run.segment) for trial in trials for run in trial.runs]
    insert_rows(connection, "trial_runs", _RUN, runs)


def _move(connection: Connection, given: tuple[str, tuple[TrialMove, ...]]) -> list[int]:
    """The numbers of the moves that were refused."""
    sweep, moves = given
    numbers = [move.trial.number for move in moves]
    rows = connection.execute(
        "SELECT number, state FROM trials WHERE sweep = ? AND number IN (SELECT unnest(?::INTEGER[]))", [sweep, numbers]
    ).fetchall()
    states = {number: TrialState(state) for number, state in rows}
    going = [move.trial for move in moves if states.get(move.trial.number) == move.expect]
    for table, column in (("trials", "number"), ("trial_runs", "trial")):
        connection.execute(
            f"DELETE FROM {table} WHERE sweep = ? AND {column} IN (SELECT unnest(?::INTEGER[]))",
            [sweep, [trial.number for trial in going]],
        )
    insert_trials(connection, going)
    kept = {trial.number for trial in going}
    return [number for number in numbers if number not in kept]


def _read_refused(_connection: Connection, _given: object, answer: str) -> list[int]:
    return list(json.loads(answer))


def _number_places(condition: str) -> str:
    """The condition with named places instead of counted ones."""
    first, *rest = condition.split("?")
    return first + "".join(f"$place{place}{part}" for place, part in enumerate(rest))


def _read_runs(cursor: Connection, sweep: str, numbers: list[int]) -> dict[int, tuple[TrialRun, ...]]:
    rows = cursor.execute(
        "SELECT trial, run, replicate, segment FROM trial_runs WHERE sweep = ? AND trial IN "
        "(SELECT unnest(?::INTEGER[])) ORDER BY trial, segment, replicate",
        [sweep, numbers],
    ).fetchall()
    found: dict[int, list[TrialRun]] = {}
    for trial, run, replicate, segment in rows:
        found.setdefault(trial, []).append(TrialRun(run, replicate, segment))
    return {trial: tuple(runs) for trial, runs in found.items()}


def _to_row(trial: Trial) -> Row:
    return (
        trial.sweep,
        trial.number,
        to_json("params", trial.params),
        to_micros(trial.created),
        trial.state.value,
        trial.place,
        to_json("values", list(trial.values)),
        trial.values[0] if trial.values else None,
        to_text(trial.reason),
        to_micros(trial.ended),
        trial.retries,
        trial.origin,
    )


def _read(sweep: str, row: Row, runs: dict[int, tuple[TrialRun, ...]]) -> Trial:
    number, params, created, state, place, values, reason, ended, retries, origin = row[:10]
    return Trial(
        sweep,
        number,
        from_json(params),
        from_micros(created),
        TrialState(state),
        place,
        tuple(from_json(values)),
        reason,
        find_moment(ended),
        retries,
        origin,
        runs.get(number, ()),
    )


def _fits(table: TrialsTable) -> Trials:
    return table
