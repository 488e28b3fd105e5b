"""The drawer of events and metric points, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dix.catalog.base import Telemetry
from dix.catalog.batches import insert_rows
from dix.catalog.columns import Row, from_json, from_micros, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.sight import filter_runs
from dix.catalog.writes import Connection, Write
from dix.errors import BadValue
from dix.records.event import Event
from dix.records.metric import MetricPoint
from dix.records.sight import EVERYTHING, Sight

_EVENT = (
    ("seq", pa.int64()),
    ("run", pa.string()),
    ("node", pa.string()),
    ("attempt", pa.int32()),
    ("kind", pa.string()),
    ("moment", pa.int64()),
    ("data", pa.string()),
)
_POINT = (
    ("run", pa.string()),
    ("node", pa.string()),
    ("attempt", pa.int32()),
    ("name", pa.string()),
    ("position", pa.int64()),
    ("value", pa.float64()),
    ("moment", pa.int64()),
)
_POINT_COLUMNS = ", ".join(name for name, _kind in _POINT)


class TelemetryTable:
    """Rows are only ever added: a point that replaces another has the greater `seq`, and readers see the latest."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._adding = Write(self._add)

    def list_events(
        self, run: str | None = None, after: int = 0, limit: int = 1000, sight: Sight = EVERYTHING
    ) -> tuple[Event, ...]:
        if limit < 1:
            raise BadValue("limit", "a number from 1", limit)
        seen, values = filter_runs(sight)
        among = "true" if sight.projects is None else f"run IN (SELECT id FROM runs WHERE {seen})"
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"""
                SELECT run, node, attempt, kind, moment, data, seq FROM events
                WHERE seq > ? AND coalesce(run = ?, true) AND {among} ORDER BY seq LIMIT ?
                """,
                [after, run, *values, limit],
            ).fetchall()
        return tuple(_read_event(row) for row in rows)

    def find_last_event(self) -> int:
        with self._file.reading() as cursor:
            row = cursor.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        return int(row[0]) if row else 0

    def find_last_number(self) -> int:
        with self._file.reading() as cursor:
            row = cursor.execute(
                "SELECT coalesce(max(seq), 0) FROM "
                "(SELECT max(seq) AS seq FROM events UNION ALL SELECT max(seq) FROM metrics)"
            ).fetchone()
        return int(row[0]) if row else 0

    def add_metrics(self, points: tuple[MetricPoint, ...]) -> None:
        if points:
            self._file.write(self._adding, [_to_row(point) for point in points])

    def list_metrics(
        self, run: str, node: str | None = None, name: str | None = None, after: int = 0
    ) -> tuple[MetricPoint, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"""
                SELECT {_POINT_COLUMNS}, seq FROM metrics
                WHERE seq > $after AND run = $run AND ($node::VARCHAR IS NULL OR node = $node)
                    AND ($name::VARCHAR IS NULL OR name = $name)
                QUALIFY row_number() OVER (PARTITION BY node, attempt, name, position ORDER BY seq DESC) = 1
                ORDER BY node, name, attempt, position
                """,
                {"run": run, "node": node, "name": name, "after": after},
            ).fetchall()
        return tuple(_read_point(row) for row in rows)

    def _add(self, connection: Connection, rows: list[Row]) -> None:
        first = self._file.take_seq(len(rows))
        numbered = [(seq, *row) for seq, row in enumerate(rows, start=first)]
        insert_rows(connection, "metrics", (("seq", pa.int64()), *_POINT), numbered)


def write_events(file: CatalogFile, connection: Connection, events: Sequence[Event]) -> None:
    """Add events with their numbers, in the writer's open transaction."""
    if not events:
        return
    first = file.take_seq(len(events))
    rows = [
        (seq, event.run, event.node, event.attempt, str(event.kind), to_micros(event.at), to_json("data", event.data))
        for seq, event in enumerate(events, start=first)
    ]
    insert_rows(connection, "events", _EVENT, rows)


def _to_row(point: MetricPoint) -> Row:
    at = to_micros(point.at)
    return (point.run, point.node, point.attempt, to_text(point.name), point.position, float(point.value), at)


def _read_point(row: Row) -> MetricPoint:
    run, node, attempt, name, position, value, moment, seq = row
    return MetricPoint(run, node, attempt, name, position, value, from_micros(moment), seq)


def _read_event(row: Row) -> Event:
    run, node, attempt, kind, moment, data, seq = row
    return Event(run, node, attempt, kind, from_micros(moment), from_json(data), seq)


def _fits(table: TelemetryTable) -> Telemetry:
    return table
