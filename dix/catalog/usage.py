"""The drawer of usage, in SQL: sums over attempts, in whole microseconds and ten-thousandths of cores, so exact."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dix.catalog.base import Usage
from dix.catalog.columns import Row, from_micros, to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.records.moments import from_text
from dix.records.moments import to_text as write_moment
from dix.records.prices import PriceBook
from dix.records.tag import Expected, check_tag
from dix.records.usage import UsageKey, UsageQuery, UsageRow, add
from dix.records.user import FIRST_USER

_DAY = 86_400_000_000
_SHARE = 10_000  # the smallest part of a core or a card that can be asked for
_MICROS = 1_000_000
_LATEST = 2**62
_COLUMNS = (
    "run, node, attempt, project, user, flow, started, outcome, cpu, gpu, gpu_type, memory_bytes, cpu_used, "
    "peak_memory_bytes, gpu_utilisation"
)

# An attempt in the window becomes a piece for each day that it ran on. What was measured of it is divided by time: the
# pieces are differences of the part that was used up to their ends, so that they add up to the whole.
_PIECES = f"""
    attempt_spans AS (
        SELECT {_COLUMNS}, greatest(ended, started) AS ended, false AS goes_on FROM attempts
        UNION ALL SELECT {_COLUMNS}, greatest($now, started), true FROM open_attempts
    ), clipped AS (
        SELECT *, greatest(started, $since) AS clip_from, least(ended, $until) AS clip_to FROM attempt_spans
        WHERE started < $until AND (ended > $since OR (started = ended AND started >= $since))
            AND ($project::VARCHAR IS NULL OR project = $project) AND ($user::VARCHAR IS NULL OR user = $user)
            AND ($flow::VARCHAR IS NULL OR flow = $flow)
            AND ($sees_all OR list_contains($seen::VARCHAR[], project))
            AND NOT list_contains($hidden::VARCHAR[], flow)
    ), days AS (
        SELECT *, unnest(range(clip_from // {_DAY}, greatest(clip_to - 1, clip_from) // {_DAY} + 1)) AS day FROM clipped
    ), pieces AS (
        SELECT *, greatest(clip_from, day * {_DAY}) AS piece_from, least(clip_to, (day + 1) * {_DAY}) AS piece_to,
            row_number() OVER (PARTITION BY run ORDER BY day, clip_from, node, attempt) = 1 AS begins_run,
            day = clip_from // {_DAY} AND outcome IS DISTINCT FROM 'not there' AS begins_attempt
        FROM days
    )
"""
_SUMS = f"""
    SELECT day, project, user, flow, gpu_type,
        count(*) FILTER (begins_run), count(*) FILTER (begins_attempt), count(*) FILTER (begins_attempt AND goes_on),
        sum(micros), sum(micros * round(cpu * {_SHARE})::HUGEINT), sum(micros * round(gpu * {_SHARE})::HUGEINT),
        sum(micros * memory_bytes), coalesce(sum(used), 0), max(peak_memory_bytes),
        coalesce(sum(micros * gpu * gpu_utilisation), 0), coalesce(sum(micros * gpu) FILTER (gpu_utilisation >= 0), 0)
    FROM (
        SELECT *, (piece_to - piece_from)::HUGEINT AS micros,
            CASE WHEN ended = started THEN cpu_used::HUGEINT
                ELSE cpu_used::HUGEINT * (piece_to - started) // (ended - started)
                    - cpu_used::HUGEINT * (piece_from - started) // (ended - started) END AS used
        FROM pieces
    )
    GROUP BY ALL
"""


class UsageTable:
    """Sums are made when they are asked for: nothing is added up beforehand that could go wrong in a crash."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._pricing = Write(_put_prices)

    def sum_usage(self, wanted: UsageQuery, at: datetime) -> tuple[UsageRow, ...]:
        columns = ", ".join(key if key in wanted.by else f"NULL AS {key}" for key in UsageKey)
        sql = f"WITH {_PIECES} {_SUMS.replace('day, project, user, flow', columns, 1)}"
        values = {
            "now": to_micros(at),
            "since": to_micros(wanted.since) or 0,
            "until": _LATEST if wanted.until is None else to_micros(wanted.until),
            "project": wanted.project,
            "user": wanted.user,
            "flow": wanted.flow,
            "sees_all": wanted.sight.projects is None,
            "seen": list(wanted.sight.projects or ()),
            "hidden": list(wanted.sight.flows.hidden),
        }
        with self._file.reading() as cursor:
            rows = cursor.execute(sql, values).fetchall()
        return _merge([_read(row) for row in rows])

    def get_prices(self) -> PriceBook:
        with self._file.reading() as cursor:
            return _get_prices(cursor)

    def put_prices(self, book: PriceBook, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._pricing, (book, expected), request)


def _merge(rows: list[UsageRow]) -> tuple[UsageRow, ...]:
    """One row where there was one for each type of card; in the order of their keys."""
    merged: dict[tuple[str, ...], UsageRow] = {}
    for row in rows:
        key = tuple(str(value or "") for value in (row.day, row.project, row.user, row.flow))
        merged[key] = add(merged[key], row) if key in merged else row
    return tuple(merged[key] for key in sorted(merged))


def _read(row: Row) -> UsageRow:
    day, project, user, flow, gpu_type, runs, attempts, running, micros, cpu, gpu, memory, used = row[:13]
    peak, busy, watched = row[13:]
    return UsageRow(
        None if day is None else _read_day(day),
        project,
        user,
        flow,
        runs,
        attempts,
        running,
        Fraction(micros, _MICROS),
        Fraction(cpu, _MICROS * _SHARE),
        {gpu_type: Fraction(gpu, _MICROS * _SHARE)} if gpu else {},
        Fraction(memory, _MICROS),
        Fraction(used, _MICROS),
        peak,
        busy / _MICROS,
        watched / _MICROS,
    )


def _read_day(number: int) -> date:
    return (from_micros(0) + timedelta(days=number)).date()


def _get_prices(connection: Connection) -> PriceBook:
    row = connection.execute("SELECT book FROM prices").fetchone()
    return _read_prices(json.loads(row[0])) if row else PriceBook()


def _put_prices(connection: Connection, put: tuple[PriceBook, Expected | None]) -> None:
    book, expected = put
    before = _get_prices(connection)
    check_tag(expected, "price book", "of the installation", before.tag, by=before.changed_by, at=before.changed)
    text = json.dumps(
        {
            "currency": book.currency,
            "cpu_hour": _to_text(book.cpu_hour),
            "gpu_hour": _to_text(book.gpu_hour),
            "gib_hour": _to_text(book.gib_hour),
            "gpu_types": {kind: str(price) for kind, price in book.gpu_types.items()},
            "changed": write_moment(book.changed),
            "changed_by": book.changed_by,
        }
    )
    connection.execute("DELETE FROM prices")
    connection.execute("INSERT INTO prices VALUES (?)", [text])


def _to_text(price: Decimal | None) -> str | None:
    return None if price is None else str(price)


def _read_prices(kept: dict[str, Any]) -> PriceBook:
    hours = {name: None if kept[name] is None else Decimal(kept[name]) for name in ("cpu_hour", "gpu_hour", "gib_hour")}
    return PriceBook(
        kept["currency"],
        **hours,
        gpu_types={kind: Decimal(price) for kind, price in kept["gpu_types"].items()},
        changed=from_text(kept.get("changed")),
        changed_by=kept.get("changed_by", FIRST_USER),
    )


def _fits(table: UsageTable) -> Usage:
    return table
