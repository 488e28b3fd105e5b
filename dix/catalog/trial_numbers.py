"""What the runs of trials have told, in SQL: few statements over all of them, however many there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dix.catalog.columns import from_json, to_micros
from dix.catalog.writes import Connection
from dix.records.trial import TrialPoint
from dix.records.trial_table import Curve, Curves, NumberColumn, Spending, TrialTable

# Where the numbers of a step are: with the run that made its outputs, if it did nothing itself.
_SOURCES = """
    SELECT steps.run, steps.node, steps.metrics,
        CASE WHEN steps.state = 'cached' THEN coalesce(steps.origin, steps.run) ELSE steps.run END AS source
    FROM steps
"""


def read_points(
    cursor: Connection, runs: list[str], numbers: Sequence[str], since: datetime
) -> tuple[dict[str, dict[str, float]], tuple[TrialPoint, ...]]:
    """The last numbers of each run, and its points, those of a cached step from the run that did it."""
    nodes = sorted({name.partition(".")[0] for name in numbers})
    given = {"runs": runs, "nodes": nodes, "names": list(numbers)}
    steps = cursor.execute(
        f"{_SOURCES} WHERE run IN (SELECT unnest($runs::VARCHAR[])) AND list_contains($nodes::VARCHAR[], node)",
        {"runs": runs, "nodes": nodes},
    ).fetchall()
    finals: dict[str, dict[str, float]] = {}
    cached = []
    for run, node, metrics, source in steps:
        known = {f"{node}.{name}": value for name, value in from_json(metrics).items()}
        wanted = {name: float(known[name]) for name in numbers if _is_number(known.get(name))}
        finals[run] = finals.get(run, {}) | wanted
        if source != run:
            cached.append((run, node, source))
    del given["nodes"]
    rows = cursor.execute(
        "SELECT run, node, name, position, value FROM metrics WHERE moment >= $since "
        "AND run IN (SELECT unnest($runs::VARCHAR[])) AND list_contains($names::VARCHAR[], node || '.' || name) "
        "ORDER BY seq",
        {**given, "since": to_micros(since)},
    ).fetchall()
    points = [TrialPoint(*row) for row in rows]
    return finals, tuple(points + _read_cached(cursor, cached, numbers))


def _read_cached(cursor: Connection, cached: list[tuple[str, str, str]], numbers: Sequence[str]) -> list[TrialPoint]:
    if not cached:
        return []
    rows = cursor.execute(
        "SELECT given.run, metrics.node, name, position, value FROM metrics JOIN ("
        "SELECT unnest($runs::VARCHAR[]) AS run, unnest($nodes::VARCHAR[]) AS node, "
        "unnest($sources::VARCHAR[]) AS source"
        ") AS given ON metrics.run = given.source AND metrics.node = given.node "
        "WHERE list_contains($names::VARCHAR[], metrics.node || '.' || name) ORDER BY seq",
        {
            "runs": [run for run, _node, _source in cached],
            "nodes": [node for _run, node, _source in cached],
            "sources": [source for _run, _node, source in cached],
            "names": list(numbers),
        },
    ).fetchall()
    return [TrialPoint(*row) for row in rows]


def sum_spending(cursor: Connection, sweep: str, at: datetime) -> Spending:
    """What attempts of its runs held, those under way up to `at`."""
    row = cursor.execute(
        "SELECT sum(cpu * seconds), sum(gpu * seconds) FROM (SELECT cpu, gpu, "
        "(coalesce(ended, $at) - started) / 1e6 AS seconds FROM "
        "(SELECT * FROM attempts UNION ALL SELECT * FROM open_attempts) AS held "
        "WHERE run IN (SELECT run FROM trial_runs WHERE sweep = $sweep))",
        {"sweep": sweep, "at": to_micros(at)},
    ).fetchone()
    return Spending(*(max(0.0, float(part or 0.0)) for part in row)) if row else Spending()


def read_table(cursor: Connection, sweep: str) -> TrialTable:
    """All trials of a sweep in columns."""
    trials = cursor.execute(
        "SELECT number, state, results, params, (ended - created) / 1e6 FROM trials WHERE sweep = ? ORDER BY number",
        [sweep],
    ).fetchall()
    params = _read_json([row[3] for row in trials])
    names = dict.fromkeys(name for one in params for name in one)
    place_of = {row[0]: place for place, row in enumerate(trials)}
    return TrialTable(
        tuple(row[0] for row in trials),
        tuple(row[1] for row in trials),
        tuple(tuple(values) for values in _read_json([row[2] for row in trials])),
        {name: tuple(one.get(name) for one in params) for name in names},
        _read_columns(cursor, sweep, place_of),
        _read_durations(cursor, sweep, place_of),
    )


def _read_columns(cursor: Connection, sweep: str, place_of: Mapping[int, int]) -> dict[str, NumberColumn]:
    """The numbers of the last run of each replicate, with the points of the runs before it."""
    found = cursor.execute(
        f"""
        WITH own AS (
            SELECT trial, replicate, segment, source, sources.run, node, metrics
            FROM trial_runs JOIN ({_SOURCES}) AS sources USING (run) WHERE sweep = $sweep
        ), told AS (
            SELECT trial, replicate, own.node || '.' || name AS number, min(value) AS least, max(value) AS greatest,
                arg_max(value, (segment, position, seq)) AS last
            FROM own JOIN metrics ON metrics.run = own.source AND metrics.node = own.node GROUP BY ALL
        )
        SELECT trial, number, avg(least), avg(greatest), avg(last) FROM told GROUP BY ALL
        """,
        {"sweep": sweep},
    ).fetchall()
    columns: dict[str, list[tuple[float | None, float | None, float | None]]] = {}
    nothing = (None, None, None)
    for trial, name, least, greatest, last in found:
        column = columns.setdefault(name, [nothing] * len(place_of))
        column[place_of[trial]] = (least, greatest, last)
    for trial, name, value in _read_finals(cursor, sweep):
        column = columns.setdefault(name, [nothing] * len(place_of))
        if column[place_of[trial]] is nothing:
            column[place_of[trial]] = (value, value, value)
    return {name: NumberColumn(*zip(*columns[name], strict=True)) for name in sorted(columns)}


def _read_finals(cursor: Connection, sweep: str) -> list[tuple[int, str, float]]:
    """What steps left beside their points: the mean over the last runs of a trial's replicates."""
    rows = cursor.execute(
        "SELECT trial, node, metrics FROM trial_runs JOIN steps USING (run) WHERE sweep = ? AND metrics <> '{}' "
        "QUALIFY segment = max(segment) OVER (PARTITION BY trial, replicate)",
        [sweep],
    ).fetchall()
    found: dict[tuple[int, str], list[float]] = {}
    for (trial, node, _text), metrics in zip(rows, _read_json([row[2] for row in rows]), strict=True):
        for name, value in metrics.items():
            if _is_number(value):
                found.setdefault((trial, f"{node}.{name}"), []).append(float(value))
    return [(trial, name, sum(values) / len(values)) for (trial, name), values in found.items()]


def _read_durations(cursor: Connection, sweep: str, place_of: Mapping[int, int]) -> tuple[float | None, ...]:
    rows = cursor.execute(
        "SELECT trial, sum(ended - started) / 1e6 FROM trial_runs JOIN runs ON runs.id = run "
        "WHERE sweep = ? AND ended IS NOT NULL AND started IS NOT NULL GROUP BY trial",
        [sweep],
    ).fetchall()
    durations: list[float | None] = [None] * len(place_of)
    for trial, seconds in rows:
        durations[place_of[trial]] = seconds
    return tuple(durations)


def read_curves(cursor: Connection, sweep: str, number: str, trials: Sequence[int]) -> Curves:
    """The curves of one number, each run's points at the time since the first run of its trial began."""
    node, _, name = number.partition(".")
    rows = cursor.execute(
        f"""
        WITH own AS (
            SELECT trial, replicate, segment, source,
                min(begun.started) OVER (PARTITION BY trial, replicate) AS began
            FROM trial_runs JOIN ({_SOURCES} WHERE node = $node) AS sources USING (run)
            JOIN runs AS begun ON begun.id = sources.source
            WHERE sweep = $sweep AND trial IN (SELECT unnest($trials::INTEGER[]))
        )
        SELECT trial, replicate, position, arg_max(value, (segment, seq)), max((moment - began) / 1e6)
        FROM own JOIN metrics ON metrics.run = own.source WHERE node = $node AND name = $name
        GROUP BY trial, replicate, position ORDER BY trial, replicate, position
        """,
        {"sweep": sweep, "node": node, "name": name, "trials": list(trials)},
    ).fetchall()
    grouped: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
    for trial, replicate, position, value, seconds in rows:
        grouped.setdefault((trial, replicate), []).append((position, value, seconds or 0.0))
    return Curves(
        number,
        tuple(
            Curve(trial, replicate, *(tuple(part) for part in zip(*points, strict=True)))
            for (trial, replicate), points in grouped.items()
        ),
    )


def _read_json(texts: Sequence[str]) -> list[Any]:
    """All of them in one reading, which takes a fraction of the time."""
    found: list[Any] = json.loads(f"[{','.join(texts)}]")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
