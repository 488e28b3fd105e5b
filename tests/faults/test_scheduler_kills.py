"""The scheduler's process is killed again and again while it makes runs: each due instance exists exactly once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest
import ray

from dix.catalog.base import Catalog
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.flow.text import hash_flow, read_flow
from dix.records.backfill import Backfill, BackfillState
from dix.records.limit import Limit, key_of_flow
from dix.records.moments import now
from dix.records.run import Run, RunFilter
from dix.records.schedule import Overlap, Schedule
from dix.records.states import Driver
from dix.schedule.decide import list_next
from dix.schedule.scheduler import (
    NAMESPACE,
    SCHEDULER_NAME,
    SchedulerLine,
    start_scheduler,
    stop_scheduler,
    wait_for_scheduler,
)
from dix.store.options import StoreOptions
from tests.fixtures_ray import local_ray  # noqa: F401

pytestmark = [pytest.mark.fault, pytest.mark.ray, pytest.mark.timeout(120), pytest.mark.usefixtures("local_ray")]

TEXT = "dix: 1\nname: idle\nnodes:\n  one: {kind: algorithm, algorithm: noop}\n"
KILLS, TIMES = 4, 60


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    start_owner(tmp_path / "catalog.duckdb")
    found = ProxyCatalog()
    found.flows.push_flow("idle", TEXT, hash_flow(read_flow(TEXT)), "default")
    for driver in (Driver.TIMED, Driver.BACKFILL):  # they are made, and do not run
        found.limits.put_limit(Limit(key_of_flow("idle", driver), 1, is_paused=True))
    (tmp_path / "store").mkdir()
    wait_for_scheduler(start_scheduler(StoreOptions(f"file://{tmp_path / 'store'}"), "error"))
    yield found
    stop_scheduler()
    stop_owner()


def kill() -> None:
    """The process itself, as soon as Ray knows of one."""
    for state in ray.util.list_named_actors(all_namespaces=True):
        if state == {"name": SCHEDULER_NAME, "namespace": NAMESPACE}:
            actor = ray.get_actor(SCHEDULER_NAME, namespace=NAMESPACE)
            os.kill(ray.get(actor.__ray_call__.remote(_get_pid), timeout=60), signal.SIGKILL)


def _get_pid(_scheduler: object) -> int:
    return os.getpid()


def list_made(catalog: Catalog, origin: str) -> list[Run]:
    page = catalog.runs.list_runs(RunFilter(origin=origin), 1000)
    assert page.next_cursor is None
    return list(page.items)


def test_each_due_instance_exists_exactly_once(catalog: Catalog) -> None:
    chance, line, begin = random.Random(6), SchedulerLine(), now().replace(second=0, microsecond=0)
    schedules = []
    for number in range(KILLS):
        start = begin - timedelta(minutes=TIMES + number)
        schedule = Schedule(
            f"s{number}", "idle", begin, begin, cron="* * * * *", start=start, catch_up=1000, overlap=Overlap.ALLOW
        )
        catalog.schedules.create_schedule(schedule)
        schedules.append(schedule)
        line._find().reread.remote(schedule.name)
        time.sleep(chance.uniform(0, 0.3))  # somewhere in the middle of making them
        kill()
    backfill = Backfill(
        "b1", "idle", 1, begin, dates=tuple(begin - timedelta(days=day) for day in range(TIMES)), params={}
    )
    made = line._find().create_backfill.remote(backfill)
    time.sleep(chance.uniform(0, 0.3))
    kill()
    assert ray.get(made, timeout=60).state is BackfillState.OPEN
    for schedule in schedules:
        line.reread(schedule.name)
        check_schedule(catalog, schedule)
    dates = Counter(run.logical_date for run in list_made(catalog, backfill.origin))
    assert dates == Counter(set(backfill.dates))


def check_schedule(catalog: Catalog, schedule: Schedule) -> None:
    """All that was due until it was looked at has one run each, and nothing else has any."""
    limit, expected = time.monotonic() + 30, set[datetime]()
    while time.monotonic() < limit:
        until = catalog.firings.list_marks()[schedule.name].until
        whole = replace(schedule, catch_up=0)
        due = takewhile(lambda fire, end=until: fire.interval_end <= end, list_next(whole, schedule.start or until))
        expected = {fire.logical_date for fire in due} | {schedule.start or until}
        counted = Counter(run.logical_date for run in list_made(catalog, schedule.origin))
        if len(counted) >= TIMES and not catalog.firings.list_firings():
            break
        time.sleep(0.1)
    assert set(counted.values()) == {1}
    assert set(counted) == expected, schedule.name
    assert catalog.firings.list_missed(schedule.name) == ()
