"""Trials that do nothing against bare Ray Tune, trials that share a costly step, and comparing ten thousand of them.

    python -m tests.benchmarks.bench_sweep [--trials 200] [--concurrency 2] [--cpus 2] [--shared 20] [--compared 10000]

Both searches run on the same cluster on this machine, one after the other, Tune with `reuse_actors=True` and the same
concurrency; both are warmed up by a few trials. Ours makes a held run of each trial, every state of which is on disk.
Then trials over a flow whose first step takes a second, sharing it and each of them whole. Then the data of comparing
trials in a catalog of its own, with two numbers over ten epochs of each trial.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray

from dix.algorithms.lookup import list_specs
from dix.catalog.base import Catalog
from dix.catalog.direct import DirectCatalog
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine, start_supervisor, stop_supervisor, wait_for_supervisor
from dix.flow.text import hash_flow, read_flow
from dix.records.metric import MetricPoint
from dix.records.moments import now
from dix.records.run import Run
from dix.records.step import Step
from dix.records.sweep import Objective, Sweep, SweepState
from dix.records.trial import Trial, TrialRun, TrialState
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.sweep.comparison import compare_trials
from dix.sweep.desk import SweepDesk
from dix.sweep.sweeper import SweeperLine, start_sweeper, stop_sweeper
from tests.benchmarks.bench_engine import make_environment, start_ray

NOTHING = "dix: 1\nname: nothing\nparams: {i: 0}\nnodes: {a: {kind: algorithm, algorithm: noop}}\n"
COSTLY = """
dix: 1
name: costly
params: {i: 0}
nodes:
  prepare: {kind: algorithm, algorithm: script, framework: torch, code: CODE, entry: prepare.py}
  after: {kind: algorithm, algorithm: noop, inputs: {data: prepare.data}}
"""
PREPARE = """
import os, pathlib, time
time.sleep(1)
(pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"]) / "rows.csv").write_text("a\\n1\\n")
"""
EPOCHS = 10


def main() -> None:
    """Print seconds of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--shared", type=int, default=20)
    parser.add_argument("--compared", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder is None:
        with tempfile.TemporaryDirectory(prefix="dixb", dir="/tmp") as folder:
            command = [sys.executable, *sys.argv, "--folder", folder]
            sys.exit(subprocess.run(command, env=make_environment(Path(folder)), check=False).returncode)
    compare_many(asked.folder, asked.compared)
    start_ray(asked.folder, asked.cpus)
    store = StoreOptions((asked.folder / "store").as_uri())
    start_owner(asked.folder / "catalog.duckdb")
    wait_for_supervisor(start_supervisor(store, "warning"))
    start_sweeper(store, "warning")
    try:
        bench = Bench(store, asked.concurrency)
        run_tune(4, asked)
        bench.run("warm", NOTHING, 4)
        floor_s = run_tune(asked.trials, asked)
        ours_s = bench.run("trivial", NOTHING, asked.trials)
        print(f"{asked.trials} trials that do nothing: bare Ray Tune {floor_s:.2f} s, DI-X {ours_s:.2f} s,", end=" ")
        print(f"{ours_s / floor_s:.2f} x")
        code = asked.folder / "code"
        code.mkdir()
        (code / "prepare.py").write_text(PREPARE)
        costly = COSTLY.replace("CODE", code.as_uri())
        shared_s = bench.run("shared", costly, asked.shared)
        whole_s = bench.run("whole", costly, asked.shared, cache=False)
        print(f"{asked.shared} trials after a step of 1 s: shared {shared_s:.2f} s, each whole {whole_s:.2f} s")
    finally:
        stop_sweeper()
        stop_supervisor()
        stop_owner()
        ray.shutdown()


class Bench:
    """Runs sweeps from their beginning to their end."""

    def __init__(self, store: StoreOptions, concurrency: int) -> None:
        catalog, opened, machines = ProxyCatalog(), open_store_with(store), RayMachines()
        specs = list_specs()
        engine = Desk(catalog, opened, SupervisorLine(), lambda: Acceptance(catalog, specs, machines.list(), opened))
        self._catalog = catalog
        self._desk = SweepDesk(catalog, engine, SweeperLine(), specs)
        self._concurrency = concurrency

    def run(self, name: str, text: str, trials: int, *, cache: bool = True) -> float:
        """Seconds from asking for it until it is over."""
        doc = read_flow(text)
        version = self._catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default").version
        space = {"i": f"1..{trials}"}
        sweep = Sweep(name, doc.name, version, "default", now(), space=space, cache=cache)
        begin = time.perf_counter()
        self._desk.create(replace(sweep, concurrency=self._concurrency))
        while not self._catalog.sweeps.get_sweep(name).is_over:
            time.sleep(0.02)
        seconds = time.perf_counter() - begin
        counts = self._catalog.trials.count_trials([name])[name]
        assert counts == {"succeeded": trials}, counts
        return seconds


def run_tune(trials: int, asked: argparse.Namespace) -> float:
    """Seconds that Tune takes for so many."""
    from ray import tune

    def nothing(config: dict[str, Any]) -> None:
        tune.report({"i": config["i"]})

    tuner = tune.Tuner(
        tune.with_resources(nothing, {"cpu": 1}),
        param_space={"i": tune.grid_search(list(range(trials)))},
        tune_config=tune.TuneConfig(reuse_actors=True, max_concurrent_trials=asked.concurrency),
        run_config=tune.RunConfig(storage_path=str(asked.folder / "tune"), verbose=0),
    )
    return measure(tuner.fit)


def compare_many(folder: Path, trials: int) -> None:
    """Seconds that the data of a comparison of so many trials takes."""
    catalog: Catalog = DirectCatalog(folder / "compared.duckdb")
    moment = now()
    sweep = Sweep("many", "f", 1, "default", moment, objectives=(Objective("a", "loss"),), state=SweepState.FINISHED)
    made, points = [], []
    for number in range(1, trials + 1):
        run = f"r{number:014d}"
        params = {"rate": number / trials, "layers": number % 7, "kind": "ab"[number % 2]}
        state = TrialState.SUCCEEDED
        made.append(Trial("many", number, params, moment, state, values=(1 / number,), runs=(TrialRun(run),)))
        points += [
            MetricPoint(run, "a", 1, name, epoch, number / epoch, moment)
            for epoch in range(1, EPOCHS + 1)
            for name in ("loss", "accuracy")
        ]
    catalog.sweeps.create_sweep(sweep, tuple(made))
    runs = tuple(Run(trial.runs[0].run, "f", 1, moment) for trial in made)
    for run in runs:
        catalog.runs.create_run(run, (Step(run.id, "a"),))
    catalog.telemetry.add_metrics(tuple(points))
    read_s = min(measure(lambda: catalog.trials.read_table("many")) for _ in range(3))
    table = catalog.trials.read_table("many")
    whole_s = read_s + min(measure(lambda: compare_trials(table, sweep.objectives)) for _ in range(3))
    curves_s = min(measure(lambda: catalog.trials.read_curves("many", "a.loss", range(1, 1001))) for _ in range(3))
    print(f"{trials:,} trials with {len(points):,} points: table {read_s:.2f} s, compared {whole_s:.2f} s,", end=" ")
    print(f"1,000 curves {curves_s:.2f} s")
    catalog.close()


def measure(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
