"""What the catalog costs with 100,000 runs, 800,000 steps, 1,600,000 events and 1,000,000 metric points in its file.

    python -m tests.benchmarks.bench_catalog [--runs N] [--proxy] [--folder F]

Prints one line for each thing measured: median and worst time in milliseconds, and what that comes to a second. Floors,
measured in the same run: one write with its wait for the disk, and with --proxy one call of an actor that does nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from dix.catalog.base import Catalog
from dix.catalog.direct import DirectCatalog
from dix.records.change import ChangeSet, StepMove
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.recipe import Recipe
from dix.records.run import Run, RunFilter
from dix.records.sort import read_sort
from dix.records.states import Driver, RunState, StepState
from dix.records.step import Step

STEPS_OF_A_RUN = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--proxy", action="store_true", help="measure through the owner on a local Ray, too")
    parser.add_argument("--folder", type=Path, help="where the file shall lie")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench", dir=options.folder))
    try:
        path = folder / "catalog.duckdb"
        DirectCatalog(path).close()
        fill(path, options.runs)
        print(f"file of {options.runs} runs: {path.stat().st_size / 1e6:.0f} MB")
        began = time.perf_counter()
        catalog = DirectCatalog(path)
        print(f"opening it: {1e3 * (time.perf_counter() - began):.0f} ms")
        measure_disk(folder)
        measure(catalog, options.runs)
        measure_snapshot(catalog, folder)
        catalog.close()
        if options.proxy:
            measure_proxy(path, options.runs)
    finally:
        shutil.rmtree(folder)


def fill(path: Path, runs: int) -> None:
    """History written by SQL: what matters is its size and shape. Ids sort by time, as real ones do."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"SELECT setseed(0.5); SET VARIABLE n = {runs}; SET VARIABLE k = {STEPS_OF_A_RUN}")
        connection.execute(
            """
            INSERT INTO runs (id, flow, flow_version, created, project, state, driver, params, selection, logical_date,
                    started, ended, reason, error, retry_of, event)
                SELECT printf('r%08d', i) || substr(md5(i::VARCHAR), 1, 5), 'flow-' || (i % 100), 1,
                1700000000000000 + i * 1000000, CASE WHEN i % 10 = 0 THEN 'vision' ELSE 'default' END,
                CASE WHEN i % 50 = 7 THEN 'failed' ELSE 'succeeded' END,
                CASE WHEN i % 3 = 0 THEN 'timed' ELSE 'manual' END,
                '{"learning_rate":0.01,"epochs":3}', '{}', NULL, 1700000000000000 + i * 1000000,
                1700000005000000 + i * 1000000, NULL, NULL, NULL, NULL FROM range(getvariable('n')) t(i);
            INSERT INTO steps (run, node, position, state, attempt, started, ended, outputs, metrics, recipe, parts)
                SELECT id, 'node_' || j, j, 'succeeded', 1, started, ended,
                    '{"model":"file:///store/runs/' || id || '/' || j || '"}', '{"loss":0.25}',
                    hash(id || j)::HUGEINT - 9223372036854775808, '{"kind":"algorithm","params.rate":' || j || '}'
                FROM runs, range(getvariable('k')) t(j);
            INSERT INTO fingerprints SELECT recipe, parts, run, node FROM steps;
            INSERT INTO events SELECT row_number() OVER (), run, node, 1, kind, started, '{}'
                FROM steps, (VALUES ('running'), ('succeeded')) k(kind);
            INSERT INTO metrics SELECT row_number() OVER (), id, 'node_0', 1, 'loss', j, random(), started
                FROM runs, range(10) t(j);
            INSERT INTO flow_versions (seq, flow, version, project, text, hash, created, description)
                SELECT i, 'flow-' || i, 1, 'default', repeat('node: {kind: data}', 100),
                md5(i::VARCHAR), 1700000000000000, '' FROM range(1, 1000) t(i);
            INSERT INTO model_versions (seq, model, version, project, uri, created, run, node, manifest)
                SELECT i, 'model-' || (i % 1000), i // 1000 + 1, 'default', 'file:///m/' || i,
                1700000000000000, NULL, NULL, '{"text":"' || repeat('metrics', 200) || '"}' FROM range(10000) t(i);
            CHECKPOINT;
            """
        )


def measure(catalog: Catalog, runs: int) -> None:
    """The catalog, direct or through the proxy."""
    for size in (1, 10, 50, 200, 1000):
        measure_moves(catalog, size)
    measure_writers(catalog)
    create = Repeat(lambda i: catalog.runs.create_run(*make_run(f"rz{time.time_ns()}", 10)))
    report("create a run of 10 steps", create.times)
    serial = Repeat(
        lambda i: catalog.models.register_model(ModelDraft("digits", f"file:///{time.time_ns()}"), "default")
    )
    report("register a model", serial.times)
    points = Repeat(lambda i: catalog.telemetry.add_metrics(make_points(i)))
    report("add 100 metric points", points.times, each=100)
    filters = {
        "no filter": RunFilter(),
        "flow": RunFilter(flow="flow-7"),
        "state failed": RunFilter(state=RunState.FAILED),
        "driver, project": RunFilter(driver=Driver.TIMED, project="vision"),
        "flow that is not there": RunFilter(flow="nothing"),
        "text search": RunFilter(search="flow-7"),
        "text that is not there": RunFilter(search="nothing of the kind"),
    }
    for name, wanted in filters.items():
        report(f"list of 50 runs ({name})", Repeat(lambda i, wanted=wanted: catalog.runs.list_runs(wanted)).times)  # type: ignore[misc]
    for sort in ("-created,id", "flow,-created", "-ended", "state,user,-priority"):
        order = read_sort(sort)
        ask = partial(catalog.runs.list_runs, RunFilter(), 50, None, order)
        report(f"list of 50 runs (by {sort})", Repeat(lambda i, ask=ask: ask()).times)  # type: ignore[misc]
    cursor = None
    pages = []
    for _ in range(20):
        began = time.perf_counter()
        cursor = catalog.runs.list_runs(RunFilter(), 1000, cursor).next_cursor
        pages.append(time.perf_counter() - began)
    report("list of 1,000 runs, page after page", pages)
    some = pick_old_run(catalog)
    report("one run", Repeat(lambda i: catalog.runs.get_run(some)).times)
    report("steps of one run", Repeat(lambda i: catalog.runs.list_steps(some)).times)
    report("unfinished runs", Repeat(lambda i: catalog.runs.list_unfinished_runs()).times)
    report("metrics of one run", Repeat(lambda i: catalog.telemetry.list_metrics(some)).times)
    report("events of one run", Repeat(lambda i: catalog.telemetry.list_events(some)).times)
    measure_results(catalog)
    last = 2 * runs * STEPS_OF_A_RUN
    report("events after one", Repeat(lambda i: catalog.telemetry.list_events(after=last)).times)
    report("list of 50 flows", Repeat(lambda i: catalog.flows.list_flows()).times)
    report("list of 50 models", Repeat(lambda i: catalog.models.list_models()).times)


def pick_old_run(catalog: Catalog) -> str:
    """A run from the middle of the history, 20 pages back."""
    page = catalog.runs.list_runs(RunFilter(), 1000)
    for _ in range(20):
        page = catalog.runs.list_runs(RunFilter(), 1000, page.next_cursor)
    return page.items[-1].id


def measure_results(catalog: Catalog) -> None:
    """What a look for earlier successes costs, among as many as there are steps."""
    recipes = [Recipe({"kind": "algorithm", "params.rate": 0.5, "number": i}) for i in range(64)]
    report("keys of all fingerprints", Repeat(lambda i: catalog.results.list_keys(), 3).times)
    report("64 fingerprints", Repeat(lambda i: catalog.results.find_same(recipes)).times)
    report("1 recipe", Repeat(lambda i: catalog.results.find_results("flow-7", "default", recipes[:1])).times)
    report("last fingerprints of a flow", Repeat(lambda i: catalog.results.find_last_same("flow-7", "default")).times)


class Repeat:
    """The times of calling something again and again, in seconds."""

    def __init__(self, call: Callable[[int], object], count: int = 30) -> None:
        self.times: list[float] = []
        for i in range(count):
            began = time.perf_counter()
            call(i)
            self.times.append(time.perf_counter() - began)


def measure_disk(folder: Path) -> None:
    """The floor of whatever shall be on disk when it is answered."""
    with (folder / "floor").open("ab", buffering=0) as file:

        def write(_i: int) -> None:
            file.write(bytes(600))
            os.fsync(file.fileno())

        report("floor: 600 bytes written and synced", Repeat(write, 300).times)


def measure_moves(catalog: Catalog, size: int) -> None:
    """Steps of one new run, pending → running → succeeded, `size` of them in each change set."""
    run, steps = make_run(f"rz{time.time_ns()}", 2000)
    catalog.runs.create_run(run, steps)
    times = []
    for state, following in ((StepState.PENDING, StepState.RUNNING), (StepState.RUNNING, StepState.SUCCEEDED)):
        for first in range(0, min(len(steps), size * 60), size):
            batch = steps[first : first + size]
            moves = tuple(StepMove(state, Step(run.id, step.node, following, 1, now()), now()) for step in batch)
            began = time.perf_counter()
            result = catalog.runs.apply_changes(ChangeSet(moves))
            times.append(time.perf_counter() - began)
            assert not result.refused_steps
    report(f"change set of {size} moves", times, each=size)


def measure_writers(catalog: Catalog, threads: int = 16, count: int = 100) -> None:
    """Several callers at once, one move each time."""
    run, steps = make_run(f"rz{time.time_ns()}", threads)
    catalog.runs.create_run(run, steps)

    def work(caller: int, i: int) -> None:
        move = StepMove(StepState.PENDING, Step(run.id, steps[caller].node, progress=i / count), now())
        catalog.runs.apply_changes(ChangeSet((move,)))

    print(f"{threads} callers at once, one move a call: {count_calls(work, threads, count):.0f}/s")


def count_calls(work: Callable[[int, int], object], threads: int = 16, count: int = 100) -> float:
    """How many calls a second so many callers at once come to."""

    def call_on(caller: int) -> None:
        for i in range(count):
            work(caller, i)

    workers = [threading.Thread(target=call_on, args=(caller,)) for caller in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * count / (time.perf_counter() - began)


def measure_snapshot(catalog: Catalog, folder: Path) -> None:
    began = time.perf_counter()
    catalog.save_snapshot(folder / "copy.duckdb")
    print(f"snapshot: {1e3 * (time.perf_counter() - began):.0f} ms")


def measure_proxy(path: Path, runs: int) -> None:
    import ray

    from dix.catalog.owner import start_owner, stop_owner
    from dix.catalog.proxy import ProxyCatalog

    print("through the proxy:")
    temporary = Path(tempfile.mkdtemp(prefix="dixray", dir="/tmp"))
    (temporary / "token").write_text(os.urandom(32).hex())
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(temporary / "token")
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, _temp_dir=str(temporary))
    try:
        measure_actor()
        start_owner(path)
        measure(ProxyCatalog(), runs)
        stop_owner()
    finally:
        ray.shutdown()
        shutil.rmtree(temporary, ignore_errors=True)


def measure_actor() -> None:
    """The floor of whatever goes through the owner."""
    import ray

    class Echo:
        def answer(self, value: bytes) -> bytes:
            return value

    actor: Any = ray.remote(num_cpus=0, concurrency_groups={"writes": 32})(Echo)  # type: ignore[call-overload]
    echo = actor.remote()
    value = bytes(600)

    def call(*_numbers: int) -> None:
        ray.get(echo.answer.options(concurrency_group="writes").remote(value), timeout=60)

    call()
    report("floor: a call of an actor that does nothing", Repeat(call, 300).times)
    print(f"floor: 16 callers of it at once: {count_calls(call):.0f}/s")
    ray.kill(echo)


def make_run(id: str, steps: int) -> tuple[Run, tuple[Step, ...]]:
    run = Run(id, "flow-1", 1, now() + timedelta(seconds=1), params={"learning_rate": 0.01})
    return run, tuple(Step(id, f"node_{i}") for i in range(steps))


def make_points(i: int) -> tuple[MetricPoint, ...]:
    return tuple(
        MetricPoint("rz", "train", 1, "loss", position, 0.5, now()) for position in range(i * 100, i * 100 + 100)
    )


def report(name: str, times: list[float], each: int = 1) -> None:
    median = statistics.median(times)
    rate = each * len(times) / sum(times)
    print(f"{name}: median {1e3 * median:.2f} ms, worst {1e3 * max(times):.2f} ms, {rate:.0f}/s")


if __name__ == "__main__":
    main()
