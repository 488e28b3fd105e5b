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
from dix.records.moments import now
from dix.records.project import Project, Quota, Reclaim
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
  comes: {kind: data, uri: somewhere, wait: {timeout: 1h, every: 1ms}}
  came: {kind: algorithm, algorithm: noop, inputs: {data: comes}}
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
    cluster.fates = {
        "bad": [Outcome.FAILED] * 100,
        "e": [Outcome.FAILED, *[Outcome.SUCCEEDED] * 100],
        "comes": [*[Outcome.NOT_THERE] * 12, Outcome.BROKEN, Outcome.NOT_THERE],
    }
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
    check_attempts(catalog)
    assert life.runner._admission._bookings == {}
    assert not life.runner._queueing._of
    assert not life.runner._queueing._lines


def check_attempts(catalog: DirectCatalog) -> None:
    """Each try of a step is metered once, looks for data that is not there yet among them."""
    with catalog._file.reading() as cursor:
        tries = cursor.execute("SELECT run, node, attempt, started FROM attempts").fetchall()
    assert [one for one, count in Counter(tries).items() if count > 1] == []
    assert catalog.attempts.list_open_attempts() == ()


LENDER = Project("lender", now(), "c", Reclaim.ANY, {"cpu": Quota(2)})
BORROWER = Project("borrower", now(), "c", Reclaim.NEVER, {"cpu": Quota(1)})


def check_count(running: int) -> None:
    """As many run as the projects have together, and no more."""
    assert running <= 3


def make_wide(name: str, count: int) -> str:
    nodes = "".join(f"  n{i}: {{kind: algorithm, algorithm: noop}}\n" for i in range(count))
    return f"dix: 1\nname: {name}\nnodes:\n{nodes}"


@pytest.mark.parametrize("seed", range(8))
def test_a_quota_holds_at_every_moment_also_while_slots_are_taken_back(catalog: DirectCatalog, seed: int) -> None:
    chance = random.Random(seed)
    cluster = Cluster(chance, (Machine("wide", "m1", 16, 0, 64 * 2**30),))
    for project, count in ((LENDER, 2), (BORROWER, 24)):
        catalog.projects.create_project(project)
        text = make_wide(project.name, count)
        catalog.flows.push_flow(project.name, text, hash_flow(read_flow(text)), "default")
    acceptance = Acceptance(catalog, list_specs(), cluster.machines)
    cluster.check_more = lambda running: check_count(len(running))
    life, lives, runs = Life(catalog, cluster), 1, list[str]()
    for deed in range(20_000):
        cluster.step()
        if chance.random() < 0.2:
            life.runner.do_what_is_due()
        if lives < LIVES and chance.random() < 0.003:
            life, lives = Life(catalog, cluster), lives + 1
        if len(runs) < 20 and chance.random() < 0.05:
            project = BORROWER if len(runs) % 5 == 0 else LENDER
            one = acceptance.accept(RunOrder(project.name, project=project.name))
            runs.append(one.run.id)
            life.runner.hear(TakeUp(one.run, one.steps, one.plan))
        if len(runs) == 20 and deed % 20 == 0 and not catalog.runs.list_unfinished_runs():
            break
    life.runner.do_what_is_due()
    assert {catalog.runs.get_run(run).state for run in runs} == {RunState.SUCCEEDED}
    assert life.runner._admission._bookings == {}
    check_attempts(catalog)
