"""Engines come and go while hosts live on and die: every step ends, none has its effect twice, no slot stays taken."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.engine.entrance import TakeUp
from dix.engine.machines import Machine
from dix.engine.messages import Outcome
from dix.engine.recovery import take_up_unfinished
from dix.engine.runner import Runner
from dix.engine.wishes import Cancel
from dix.flow.text import hash_flow, read_flow
from dix.records.run import Run
from dix.records.states import RunState, StepState, run_is_over, step_is_over
from dix.store.options import StoreOptions
from tests.engine.simulated_hosts import Cluster, SimulatedExecutor

MACHINES = (Machine("one", "m1", 2, 0, 4 * 2**30), Machine("two", "m2", 1, 0, 2 * 2**30))
FLOW = """
dix: 1
name: lives
nodes:
  a: {kind: algorithm, algorithm: noop}
  b: {kind: algorithm, algorithm: noop, inputs: {data: a}}
  c: {kind: algorithm, algorithm: noop, inputs: {data: a}, resources: {cpu: 0.5}}
  d: {kind: algorithm, algorithm: noop, resources: {cpu: 2}}
  e: {kind: algorithm, algorithm: noop, inputs: {data: d}, retries: 1}
  f: {kind: algorithm, algorithm: noop}
  bad: {kind: algorithm, algorithm: noop}
  never: {kind: algorithm, algorithm: noop, inputs: {data: bad}}
  g1: {kind: algorithm, algorithm: noop}
  g2: {kind: algorithm, algorithm: noop}
  g3: {kind: algorithm, algorithm: noop}
"""
LIVES = 5


class Life:
    """An engine over the catalog and the cluster."""

    def __init__(self, catalog: DirectCatalog, cluster: Cluster) -> None:
        self.runner = Runner(catalog, StoreOptions("file:///nowhere"), lambda version: None)
        acceptance = Acceptance(catalog, list_specs(), MACHINES)
        for taken in take_up_unfinished(catalog, acceptance):
            self.runner.hear(taken)
        self.runner.begin(SimulatedExecutor(self.runner, cluster))
        self.runner.do_what_is_due()


@pytest.fixture(autouse=True)
def _no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dix.engine.tries.PLATFORM_PAUSE_S", 0.0)
    monkeypatch.setattr("dix.engine.tries.PLATFORM_REPEATS", 10**6)
    monkeypatch.setattr("dix.engine.queueing.OVERDUE_S", 0.002)
    monkeypatch.setattr("dix.engine.queueing.AHEAD_S", 0.05)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_dies_the_end_is_the_same(catalog: DirectCatalog, seed: int) -> None:
    chance = random.Random(seed)
    cluster = Cluster(chance, MACHINES)
    cluster.fates = {"bad": [Outcome.FAILED] * 100, "e": [Outcome.FAILED, *[Outcome.SUCCEEDED] * 100]}
    catalog.flows.push_flow("lives", FLOW, hash_flow(read_flow(FLOW)), "default")
    acceptance = Acceptance(catalog, list_specs(), MACHINES)
    life = Life(catalog, cluster)
    accepted = [acceptance.accept(RunOrder("lives")) for _ in range(3)]
    runs = [one.run.id for one in accepted]
    for one in accepted:
        life.runner.hear(TakeUp(one.run, one.steps, one.plan))
    cancelled, lives = None, 1
    for deed in range(20_000):
        cluster.step()
        if chance.random() < 0.5:
            life.runner.do_what_is_due()
        if lives < LIVES and chance.random() < 0.02:
            life, lives = Life(catalog, cluster), lives + 1
        if cancelled is None and deed > 60 and seed % 2:
            cancelled = Cancel(runs[0])
            life.runner.hear(cancelled)
        if lives == LIVES and deed % 20 == 0 and all(run_is_over(catalog.runs.get_run(run).state) for run in runs):
            break
    life.runner.do_what_is_due()
    check_end(catalog, life, [catalog.runs.get_run(run) for run in runs], was_cancelled=cancelled is not None)


def check_end(catalog: DirectCatalog, life: Life, runs: list[Run], *, was_cancelled: bool) -> None:
    assert all(run_is_over(run.state) for run in runs), [catalog.runs.list_steps(run.id) for run in runs]
    for run in runs[was_cancelled:]:
        assert run.state is RunState.FAILED
        steps = {step.node: step.state for step in catalog.runs.list_steps(run.id)}
        assert steps.pop("bad") is StepState.FAILED
        assert steps.pop("never") is StepState.SKIPPED
        assert set(steps.values()) == {StepState.SUCCEEDED}
    for run in runs:
        assert all(step_is_over(step.state) for step in catalog.runs.list_steps(run.id))
        ends = Counter(event.node for event in catalog.telemetry.list_events(run.id) if event.kind == "succeeded")
        assert all(count == 1 for count in ends.values()), ends
    assert life.runner._admission._bookings == {}
    assert not life.runner._queueing._of
