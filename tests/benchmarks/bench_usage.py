"""How long usage takes to add up over many attempts, and what metering adds to a step.

    python -m tests.benchmarks.bench_usage [--attempts 1000000]

The attempts are spread over a year, ten projects, fifty users and a hundred flows; one in fifty runs over midnight.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dix.catalog.attempts import AttemptTable
from dix.catalog.file import CatalogFile
from dix.catalog.usage import UsageTable
from dix.catalog.writes import Connection, Write
from dix.engine.gauge import Gauge
from dix.records.usage import UsageKey, UsageQuery

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = 3_600_000_000
_FILL = f"""
    INSERT INTO attempts
    SELECT 'r' || (i // 10), 'n' || (i % 10), 1, 'p' || (i // 10 % 10), 'u' || (i // 10 % 50), 'f' || (i // 10 % 100),
        $begin + i * $gap, 'node-' || (i % 20), $begin + i * $gap + {_HOUR} * (1 + i % 3) // 8, 'succeeded', NULL,
        1 + i % 4, (i % 3) / 2, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'A10' ELSE 'H100' END, 2147483648, NULL,
        {_HOUR} // 9, 1073741824, CASE i % 3 WHEN 0 THEN NULL ELSE 0.5 END
    FROM range($count) AS numbers(i)
"""


def main() -> None:
    """Print milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dixb") as folder:
        file = CatalogFile(Path(folder) / "catalog.duckdb")
        fill(file, asked.attempts)
        measure(file)
        file.close()
    gauges = clock(lambda: [Gauge().read() for _ in range(1000)]) / 1000
    print(f"measuring what a step uses: {gauges:.3f} ms a step")


def fill(file: CatalogFile, count: int) -> None:
    """Attempts over the last year."""
    year_us = 365 * 24 * _HOUR
    values = {"begin": int(NOW.timestamp() * 1e6) - year_us, "gap": year_us // count, "count": count}

    def write(connection: Connection, _item: None) -> None:
        connection.execute(_FILL, values)

    file.write(Write(write), None)


def measure(file: CatalogFile) -> None:
    """The questions that are asked."""
    usage, attempts = UsageTable(file), AttemptTable(file)
    for by in itertools.chain([()], itertools.combinations(UsageKey, 1), [tuple(UsageKey)]):
        for since in (None, NOW - timedelta(days=30)):
            query = UsageQuery(by, since)
            took = clock(lambda query=query: usage.sum_usage(query, NOW))
            print(f"usage by {', '.join(by) or 'nothing'} of {'30 days' if since else 'a year'}: {took:.0f} ms")
    print(f"one flow of 30 days: {clock(lambda: usage.sum_usage(UsageQuery((), since, flow='f7'), NOW)):.0f} ms")
    nodes = tuple(f"n{i}" for i in range(10))
    print(f"earlier attempts of ten nodes: {clock(lambda: attempts.list_earlier('f7', nodes, 10)):.0f} ms")


def clock(work: Callable[[], object], repeats: int = 5) -> float:
    """The middle of several times, in milliseconds."""
    took = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main()
