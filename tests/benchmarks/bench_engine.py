"""1,000 steps that do nothing, 10 deep and 100 wide: through the catalog and the supervisor, against bare Ray.

    python -m tests.benchmarks.bench_engine [--deep 10] [--wide 100] [--repeats 3] [--history 100000]

Both run on the same cluster on this machine, warmed up, bare Ray first. Each step of ours is accepted, planned, started
with its slice, and its end is on disk before what follows it starts; bare Ray passes references along the same graph.
Then 20 runs of 50 steps at once, and one step after another, each against the same with bare Ray. With --history the
catalog holds so many runs, and ten metric points of each, before it begins.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine, start_supervisor, stop_supervisor, wait_for_supervisor
from dix.flow.text import hash_flow, read_flow
from dix.records.run import Run
from dix.records.states import RunState, run_is_over
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from tests.benchmarks.bench_catalog import fill

ROOT = Path(__file__).parents[2]
MANY, MANY_DEEP, MANY_WIDE = 20, 5, 10  # runs at once, and the shape of each
CHAIN = 20


def main() -> None:
    """Print seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deep", type=int, default=10)
    parser.add_argument("--wide", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--history", type=int, default=0)
    parser.add_argument("--cpus", type=int, default=os.cpu_count())
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder is None:
        with tempfile.TemporaryDirectory(prefix="dixb", dir="/tmp") as folder:
            command = [sys.executable, *sys.argv, "--folder", folder]
            sys.exit(subprocess.run(command, env=make_environment(Path(folder)), check=False).returncode)
    start_ray(asked.folder, asked.cpus)
    store = StoreOptions((asked.folder / "store").as_uri())
    file = asked.folder / "catalog.duckdb"
    if asked.history:
        DirectCatalog(file).close()
        fill(file, asked.history)
    start_owner(file)
    floor = measure_floor(asked)
    wait_for_supervisor(start_supervisor(store, "warning"))
    try:
        compare(Bench(store), asked, floor)
    finally:
        stop_supervisor()
        stop_owner()
        ray.shutdown()


def make_environment(folder: Path) -> dict[str, str]:
    """What a cluster of this machine alone wants, with a token of its own; Ray reads it when it is imported."""
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(os.urandom(32).hex())
    return os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def start_ray(folder: Path, cpus: int) -> None:
    """Start it, and connect."""
    ray.init(
        address="local",
        num_cpus=cpus,
        num_gpus=0,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=200 * 2**20,
        _temp_dir=str(folder / "t"),
    )


class Bench:
    """Runs graphs both ways."""

    def __init__(self, store: StoreOptions) -> None:
        self._catalog = ProxyCatalog()
        specs = list_specs()
        self._desk = Desk(
            self._catalog,
            open_store_with(store),
            SupervisorLine(),
            lambda: Acceptance(self._catalog, specs, RayMachines().list()),
        )

    def push(self, deep: int, wide: int) -> str:
        """A flow of `wide` chains of `deep` steps; its name."""
        name = f"bench-{deep}-{wide}"
        lines = [f"dix: 1\nname: {name}\nnodes:"]
        for level in range(deep):
            for i in range(wide):
                above = f", inputs: {{data: n{level - 1}_{i}}}" if level else ""
                lines.append(f"  n{level}_{i}: {{kind: algorithm, algorithm: noop{above}}}")
        text = "\n".join(lines)
        self._catalog.flows.push_flow(name, text, hash_flow(read_flow(text)), "default")
        return name

    def run(self, flow: str, *, cache: bool = False) -> Run:
        """One run from asking for it to its end; every step is done, with `cache` after a look for an earlier one."""
        return self.run_many(flow, 1, cache=cache)[0]

    def run_many(self, flow: str, count: int, *, cache: bool = False) -> list[Run]:
        """So many runs at once, until the last has ended."""
        runs = [self._desk.start_run(RunOrder(flow, cache=cache)) for _ in range(count)]
        return [self._wait(run) for run in runs]

    def _wait(self, run: Run) -> Run:
        while not run_is_over((found := self._catalog.runs.get_run(run.id)).state):
            time.sleep(0.05)
        assert found.state is RunState.SUCCEEDED, found
        return found


@ray.remote(num_cpus=1)
def _pass_on(value: Any) -> Any:
    return value


def run_bare(deep: int, wide: int) -> None:
    """The same graph as Ray tasks that pass references."""
    values: list[Any] = [0] * wide
    for _ in range(deep):
        values = [_pass_on.remote(value) for value in values]
    ray.get(values, timeout=600)


def run_bare_chain(deep: int) -> None:
    """One task after another, each waited for."""
    for i in range(deep):
        ray.get(_pass_on.remote(i), timeout=600)


@dataclass(frozen=True, slots=True)
class Floor:
    """Seconds of the same with bare Ray, on the same cluster, before any host of a step holds its processors."""

    whole: float
    many: float
    single: float


def measure_floor(asked: argparse.Namespace) -> Floor:
    """Bare Ray, warmed up."""
    for _ in range(2):
        run_bare(2, asked.wide)
    whole = _repeat(asked.repeats, lambda: run_bare(asked.deep, asked.wide))
    many = _repeat(3, lambda: run_bare(MANY_DEEP, MANY_WIDE * MANY))
    return Floor(whole, many, _repeat(9, lambda: run_bare_chain(CHAIN)) / CHAIN)


def compare(bench: Bench, asked: argparse.Namespace, floor: Floor) -> None:
    """Warm up, measure, print."""
    flow = bench.push(asked.deep, asked.wide)
    for _ in range(2):
        bench.run(bench.push(2, asked.wide))
    whole, engine = [], []
    for _ in range(asked.repeats):
        started = time.perf_counter()
        engine.append(_seconds_of(bench.run(flow)))
        whole.append(time.perf_counter() - started)
    ours, alone = statistics.median(whole), statistics.median(engine)
    print(
        f"{asked.deep * asked.wide} steps: bare Ray {floor.whole:.2f} s, DI-X {ours:.2f} s, {ours / floor.whole:.1f} x"
    )
    print(f"of it the engine, from acceptance on, {alone:.2f} s, {alone / floor.whole:.1f} x")
    look = _repeat(asked.repeats, lambda: bench.run(flow, cache=True))
    print(f"with a look for what earlier runs have left: {look:.2f} s")
    several = bench.push(MANY_DEEP, MANY_WIDE)
    ours = _repeat(3, lambda: bench.run_many(several, MANY))
    steps = MANY_DEEP * MANY_WIDE
    print(f"{MANY} runs of {steps} steps at once: bare Ray {floor.many:.2f} s, DI-X {ours:.2f} s")
    single, chain = bench.push(1, 1), bench.push(CHAIN, 1)
    step = statistics.median(_seconds_of(bench.run(chain)) / CHAIN for _ in range(9))
    print(f"a warm step, one after the other: bare Ray {1e3 * floor.single:.1f} ms, DI-X {1e3 * step:.1f} ms")
    print(
        f"a run of one step: {1e3 * _repeat(9, lambda: bench.run(single)):.0f} ms from asking for it to seeing its end"
    )


def _seconds_of(run: Run) -> float:
    assert run.started
    assert run.ended
    return (run.ended - run.started).total_seconds()


def _repeat(count: int, work: Callable[[], object]) -> float:
    return statistics.median(clock(work) for _ in range(count))


def clock(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
