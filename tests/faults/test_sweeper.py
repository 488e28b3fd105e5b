"""The sweeper is killed again and again in the middle of a sweep: each trial runs exactly once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
import ray

from dix.algorithms.lookup import list_specs
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine, start_supervisor, stop_supervisor, wait_for_supervisor
from dix.flow.text import hash_flow, read_flow
from dix.records.moments import now
from dix.records.run import RunFilter
from dix.records.sweep import Sweep, SweepState
from dix.records.trial import TrialState
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.sweep.desk import SweepDesk
from dix.sweep.sweeper import SweeperLine, start_sweeper, stop_sweeper
from tests.engine.conftest import wait_until
from tests.fixtures_ray import local_ray  # noqa: F401

pytestmark = [pytest.mark.fault, pytest.mark.ray]

TRIALS = 60
FLOW = "dix: 1\nname: none\nparams: {i: 0}\nnodes: {a: {kind: algorithm, algorithm: noop}}\n"


@pytest.mark.usefixtures("local_ray")
def test_each_trial_runs_exactly_once_however_often_the_sweeper_is_killed(tmp_path: Path) -> None:
    options = StoreOptions((tmp_path / "store").as_uri())
    start_owner(tmp_path / "catalog.duckdb")
    supervisor = start_supervisor(options, "warning")
    sweeper = start_sweeper(options, "warning")
    catalog, store, machines = ProxyCatalog(), open_store_with(options), RayMachines()
    engine = Desk(catalog, store, SupervisorLine(), lambda: Acceptance(catalog, list_specs(), machines.list(), store))
    wait_for_supervisor(supervisor)
    catalog.flows.push_flow("none", FLOW, hash_flow(read_flow(FLOW)), "default")
    sweep = Sweep("killed", "none", 1, "default", now(), space={"i": f"1..{TRIALS}"}, concurrency=2)
    SweepDesk(catalog, engine, SweeperLine(), list_specs()).create(sweep)

    def count_over() -> int:
        counts = catalog.trials.count_trials(["killed"])["killed"]
        return counts.get("succeeded", 0)

    killed = set()
    for share in (0.1, 0.4, 0.7):
        wait_until(lambda share=share: count_over() >= share * TRIALS, 60, count_over)  # type: ignore[misc]
        pid = ray.get(sweeper.ping.remote(), timeout=30)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: not psutil.pid_exists(pid))  # type: ignore[misc]
        killed.add(pid)
    wait_until(lambda: catalog.sweeps.get_sweep("killed").state is SweepState.FINISHED, 60, count_over)
    trials = catalog.trials.list_trials("killed").items
    runs = catalog.runs.list_runs(RunFilter(origin="sweeps/killed"), limit=1000).items
    assert len(killed) == 3
    assert [trial.state for trial in trials] == [TrialState.SUCCEEDED] * TRIALS
    assert sorted(run.id for run in runs) == sorted(run.run for trial in trials for run in trial.runs)
    assert sum(len(catalog.attempts.list_attempts(run.id)) for run in runs) == TRIALS
    stop_sweeper()
    stop_supervisor()
    stop_owner()
