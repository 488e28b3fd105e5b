"""10,000 schedules: what one tick of the scheduler costs beside the runs that it makes, and ten years of one schedule.

Run it with `python -m tests.benchmarks.bench_schedule [--schedules N]`. Deciding is measured alone; then with the
catalog, in a file of its own, which keeps what was decided.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from dix.catalog.direct import DirectCatalog
from dix.records.schedule import Mark, Schedule, ScheduleChange
from dix.schedule.decide import decide

_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
_LINES = ("* * * * *", "*/5 * * * *", "{m} * * * *", "{m} {h} * * *", "{m} {h} * * MON-FRI", "{m} {h} 1 * *")


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--schedules", type=int, default=10_000)
    count = parser.parse_args().schedules
    schedules = _make_schedules(count)

    begun = time.perf_counter()
    first = [decide(_NOON, one, None) for one in schedules]
    took = time.perf_counter() - begun
    print(f"first look at {count} schedules: {took:.2f} s, {took / count * 1e6:.0f} us each")

    at = _NOON + timedelta(minutes=1)
    due = [(one, before) for one, before in zip(schedules, first, strict=True) if before.wake and before.wake <= at]
    begun = time.perf_counter()
    decided = [decide(at, one, before.until) for one, before in due]
    took = time.perf_counter() - begun
    fires = sum(len(one.fires) for one in decided)
    print(f"one tick, a minute later: {len(due)} are due, {fires} fire: {took * 1e3:.0f} ms")

    begun = time.perf_counter()
    week = [decide(_NOON + timedelta(days=7), one, _NOON) for one in schedules]
    took = time.perf_counter() - begun
    missed = sum(each.count for one in week for each in one.missed)
    made = sum(len(one.fires) for one in week)
    print(f"after a week of standstill: {made} runs, {missed} times missed: {took:.2f} s")

    with tempfile.TemporaryDirectory() as folder:
        catalog = DirectCatalog(Path(folder) / "catalog.duckdb")
        for one in schedules[:1000]:
            catalog.schedules.create_schedule(one)
        changes = [ScheduleChange(Mark(one.name, at)) for one in schedules[:1000]]
        begun = time.perf_counter()
        for i in range(0, 1000, 500):
            catalog.firings.keep_changes(changes[i : i + 500])
        print(f"keeping 1000 decisions in groups of 500: {(time.perf_counter() - begun) * 1e3:.0f} ms")
        catalog.close()

    schedule = replace(schedules[0], cron="0 * * * *", zone="Europe/Vienna")
    begun, asked, until, now = time.perf_counter(), 0, None, datetime(2016, 1, 1, tzinfo=UTC)
    schedule = replace(schedule, created=now, counts_from=now)
    while now < datetime(2026, 1, 1, tzinfo=UTC):
        decision = decide(now, schedule, until)
        until, asked, now = decision.until, asked + 1, decision.wake or now
    print(f"ten years of an hourly schedule, {asked} ticks: {time.perf_counter() - begun:.2f} s")


def _make_schedules(count: int) -> list[Schedule]:
    chance = random.Random(6)
    zones = sorted(name for name in available_timezones() if "/" in name)
    return [
        Schedule(
            f"s{number}",
            "digits",
            _NOON,
            _NOON,
            cron=chance.choice(_LINES).format(m=chance.randrange(60), h=chance.randrange(24)),
            zone=chance.choice(zones),
        )
        for number in range(count)
    ]


if __name__ == "__main__":
    main()
