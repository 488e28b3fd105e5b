"""The engine as it is in production: supervisor, catalog owner and workers on a real Ray, and what kills them."""

from __future__ import annotations

import os
import queue
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.owner import start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.data.digits import write_digits
from dix.engine.acceptance import Acceptance
from dix.engine.badge import read_badge
from dix.engine.desk import Desk
from dix.engine.logbook import read_lines
from dix.engine.machines import Place
from dix.engine.messages import Beat, Outcome, Returned, StepKey, StepOrder, StepReport
from dix.engine.plan import PlannedStep, Slice
from dix.engine.ray_executor import RayExecutor
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine, start_supervisor, stop_supervisor, wait_for_supervisor
from dix.records.states import RunState, StepState
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from tests.engine.conftest import Workshop, wait_until
from tests.engine.odd_host import OddHost
from tests.fixtures_ray import local_ray  # noqa: F401

pytestmark = pytest.mark.ray

TRAIN = """
dix: 1
name: train
params: {{epochs: 3}}
nodes:
  train_set: {{kind: data, uri: digits/train, format: images}}
  net:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {{train: train_set}}
    params: {{epochs: "{{{{ params.epochs }}}}", patience: 0}}
    model: digits
    {more}
"""
FOR_EVER = {"epochs": 10_000}


@dataclass
class House(Workshop):
    """A workshop whose engine is in other processes."""

    def find_worker(self) -> psutil.Process | None:
        """The process that trains; Ray names it after the task."""
        return next((one for one in psutil.Process().children(recursive=True) if "ray::cnn" in _title(one)), None)

    def wait_for_epoch(self, run: str, node: str = "net") -> None:
        """Wait until a training has told of an epoch."""
        wait_until(lambda: bool(self.catalog.telemetry.list_metrics(run, node)), 60, lambda: self.steps(run))


@pytest.fixture(scope="module")
def house(local_ray: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:  # noqa: F811
    """The actors on a cluster of one core, with the digits in the store."""
    folder = tmp_path_factory.mktemp("house")
    options = StoreOptions((folder / "store").as_uri())
    store = open_store_with(options)
    write_digits(folder / "digits")
    store.put(folder / "digits", "digits")
    start_owner(folder / "catalog.duckdb")
    supervisor = start_supervisor(options, "warning")
    catalog = ProxyCatalog()
    machines = RayMachines().list()
    desk = Desk(catalog, store, SupervisorLine(), lambda: Acceptance(catalog, list_specs(), machines, store))
    wait_for_supervisor(supervisor)
    yield House(catalog, store, desk, None)  # type: ignore[arg-type]
    stop_supervisor()
    stop_owner()


def chains(name: str, deep: int, wide: int) -> str:
    lines = [f"dix: 1\nname: {name}\nnodes:"]
    for level in range(deep):
        for i in range(wide):
            above = f", inputs: {{data: n{level - 1}_{i}}}" if level else ""
            lines.append(f"  n{level}_{i}: {{kind: algorithm, algorithm: noop{above}}}")
    return "\n".join(lines)


def test_a_flow_runs_through_all_processes(house: House) -> None:
    run = house.do(chains("plain", 5, 10))
    steps = house.steps(run.id)
    assert run.state is RunState.SUCCEEDED
    assert {(step.state, step.attempt) for step in steps.values()} == {(StepState.SUCCEEDED, 1)}
    for i in range(10):
        assert steps[f"n4_{i}"].outputs == steps[f"n0_{i}"].outputs


def test_a_cancelled_script_ends_with_all_that_it_has_started(house: House) -> None:
    code = """
import json, os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
leaks = [name for name in os.environ if name.startswith("RAY_") or name in ("DIX_TOKEN", "DIX_HOME")]
print(json.dumps({"me": os.getpid(), "child": child.pid, "leaks": len(leaks)}))
time.sleep(300)
"""
    house.store.write_bytes("code/endless.py", code.encode())
    node = "{kind: algorithm, algorithm: script, framework: torch, code: code/endless.py}"
    run = house.start(f"dix: 1\nname: endless\nnodes:\n  net: {node}\n")
    house.wait_for_epoch(run.id)
    said = {point.name: int(point.value) for point in house.catalog.telemetry.list_metrics(run.id, "net")}
    assert said["leaks"] == 0
    assert psutil.pid_exists(said["me"])
    house.desk.cancel_run(run.id)
    assert house.wait(run.id).state is RunState.CANCELLED
    wait_until(lambda: not any(_lives(said[name]) for name in ("me", "child")), 20, lambda: said)


def test_a_training_whose_worker_is_killed_is_repeated_and_succeeds(house: House) -> None:
    run = house.start(TRAIN.format(more="retries: 0"), params={"epochs": 40})
    house.wait_for_epoch(run.id)
    assert house.steps(run.id)["net"].state is StepState.RUNNING, "the numbers arrive when it is over"
    worker = house.find_worker()
    assert worker
    worker.kill()
    waiting = house.wait_for_step(run.id, "net", StepState.WAITING)
    assert (waiting.reason or "").startswith("attempt 1 failed: the worker of net is gone: ")
    assert "\n" not in (waiting.reason or "")
    assert house.wait(run.id).state is RunState.SUCCEEDED
    net = house.steps(run.id)["net"]
    assert (net.attempt, net.failures, net.outputs["model"]) == (2, 0, "models:/digits/1")
    assert ("retrying", 1) in house.story(run.id, "net")
    epochs = [point for point in house.catalog.telemetry.list_metrics(run.id, "net", "loss") if point.attempt == 2]
    assert [point.position for point in epochs] == list(range(1, 41))


def test_a_training_is_not_repeated_until_its_data_changes(house: House) -> None:
    text = TRAIN.format(more="").replace("digits/train, format: images", "loose/train.parquet")
    house.store.write_bytes("loose/train.parquet", house.store.read_bytes("digits/train.parquet"))
    first = house.do(text, params={"epochs": 1})
    again = house.steps(house.do(text, params={"epochs": 1}).id)["net"]
    assert (again.state, again.reason) == (StepState.CACHED, f"unchanged since run {first.id}")
    assert again.outputs == house.steps(first.id)["net"].outputs
    house.store.write_bytes("loose/train.parquet", house.store.read_bytes("digits/test.parquet"))
    changed = house.steps(house.do(text, params={"epochs": 1}).id)["net"]
    assert (changed.state, changed.why_run) == (StepState.SUCCEEDED, f"input train changed since run {first.id}")


def test_cancelling_a_training_frees_its_slot_at_once(house: House) -> None:
    run = house.start(TRAIN.format(more=""), params=FOR_EVER)
    house.wait_for_epoch(run.id)
    waiting = house.start(chains("next", 1, 1))
    reason = house.wait_for_step(waiting.id, "n0_0", StepState.WAITING).reason
    assert reason == (
        f"no machine has 1 free CPU; largest free: 0 on {RayMachines().list()[0].name}; taken by {run.id}.net#1"
    )
    started = time.monotonic()
    assert house.desk.cancel_run(run.id).state is RunState.CANCELLED
    assert house.wait(waiting.id, 15).state is RunState.SUCCEEDED
    assert time.monotonic() - started < 10
    wait_until(lambda: house.find_worker() is None)
    assert house.steps(run.id)["net"].state is StepState.CANCELLED


def test_a_timeout_kills_the_step(house: House) -> None:
    run = house.do(TRAIN.format(more="timeout: 1s"), params=FOR_EVER)
    net = house.steps(run.id)["net"]
    assert (net.state, net.error) == (StepState.FAILED, "it ran longer than its timeout of 1 s")
    wait_until(lambda: house.find_worker() is None)


def test_a_run_survives_the_death_of_the_supervisor(house: House) -> None:
    run = house.start(chains("long", 60, 2))
    wait_until(lambda: _count_done(house, run.id) >= 20)
    _kill_supervisor()
    assert _count_done(house, run.id) < 120
    assert house.wait(run.id).state is RunState.SUCCEEDED
    assert {step.state for step in house.steps(run.id).values()} == {StepState.SUCCEEDED}
    kinds = [kind for kind, _attempt in house.story(run.id) if kind == "succeeded"]
    assert len(kinds) == 120, "a step had its effect twice"
    with pytest.raises(ProcessLookupError):
        os.kill(_killed.pop(), 0)


def test_a_step_that_runs_while_the_supervisor_dies_goes_on_and_counts(house: House) -> None:
    run = house.start(TRAIN.format(more=""), params={"epochs": 150})
    house.wait_for_epoch(run.id)
    worker = house.find_worker()
    _kill_supervisor()
    assert worker
    assert house.wait(run.id).state is RunState.SUCCEEDED
    net = house.steps(run.id)["net"]
    assert (net.attempt, net.state) == (1, StepState.SUCCEEDED)
    assert ("retrying", 1) not in house.story(run.id, "net")
    points = house.catalog.telemetry.list_metrics(run.id, "net", "loss")
    assert {point.attempt for point in points} == {1}
    assert {point.position for point in points} == set(range(1, 151)), "what was told meanwhile has arrived"
    next_one = house.do(chains("after", 2, 2))
    assert next_one.state is RunState.SUCCEEDED


def test_a_step_that_has_ended_while_the_supervisor_was_away_is_not_done_again(house: House) -> None:
    run = house.start(TRAIN.format(more=""), params={"epochs": 60})
    house.wait_for_epoch(run.id)
    worker = house.find_worker()
    assert worker
    supervisor = _find_actor("Supervisor")
    supervisor.suspend()
    # The host holds its report, and nobody hears it.
    wait_until(lambda: _badge_attempt(worker.pid) is None, 60)
    supervisor.kill()
    assert house.wait(run.id).state is RunState.SUCCEEDED
    net = house.steps(run.id)["net"]
    assert (net.attempt, net.state) == (1, StepState.SUCCEEDED)
    assert len(house.catalog.models.list_model_versions("digits")) == _count_versions(house)


def test_a_run_that_is_cancelled_while_the_supervisor_is_away_has_its_steps_ended(house: House) -> None:
    run = house.start(TRAIN.format(more=""), params=FOR_EVER)
    house.wait_for_epoch(run.id)
    worker = house.find_worker()
    assert worker
    _kill_supervisor()
    assert house.desk.cancel_run(run.id).state is RunState.CANCELLED
    wait_until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    assert house.do(chains("after", 1, 1)).state is RunState.SUCCEEDED


@pytest.mark.parametrize("name", ["Owner", "Keeper"])
def test_runs_go_on_when_another_actor_is_killed(house: House, name: str) -> None:
    run = house.start(chains("long", 40, 2))
    wait_until(lambda: _count_done(house, run.id) >= 10)
    _find_actor(name).kill()
    assert house.wait(run.id).state is RunState.SUCCEEDED
    assert {(step.state, step.attempt) for step in house.steps(run.id).values()} == {(StepState.SUCCEEDED, 1)}
    assert len([kind for kind, _attempt in house.story(run.id) if kind == "succeeded"]) == 80


def test_an_accepted_run_that_the_supervisor_never_heard_of_is_found_when_it_is_back(house: House) -> None:
    house.catalog.flows.push_flow("lost", chains("lost", 1, 1), "h", "default")
    from dix.engine.base import RunOrder

    accepted = Acceptance(house.catalog, list_specs(), RayMachines().list()).accept(RunOrder("lost"))
    _kill_supervisor()
    assert house.wait(accepted.run.id).state is RunState.SUCCEEDED


def test_what_a_worker_prints_and_reports_arrives_while_it_works(house: House) -> None:
    heard: queue.Queue[Beat | StepReport] = queue.Queue()

    class Listener:
        def on_beat(self, beat: Beat) -> None: ...

        def on_end(self, report: StepReport) -> None:
            heard.put(report)

        def on_return(self, returned: Returned) -> None: ...

    executor = RayExecutor(Listener(), RayMachines(), OddHost)
    machine = RayMachines().list()[0]
    place = Place(machine.name, machine.id)
    step = PlannedStep("a", "algorithm", algorithm="chatter", params={"until": "go"}, slice=Slice(1))
    executor.start(StepOrder(StepKey("live", "a", 1), step, {}, {}, {}, house.store.options), place)
    wait_until(lambda: [line.text for line in read_lines(house.store, "live", ["a"]).items] == ["first"])
    house.store.write_bytes("go", b"")
    report = heard.get(timeout=30)
    assert isinstance(report, StepReport)
    assert report.outcome is Outcome.SUCCEEDED
    lines = read_lines(house.store, "live", ["a"]).items
    assert [(line.stream, line.text) for line in lines] == [("stdout", "first"), ("stdout", "second")]
    executor.close()


def _count_done(house: House, run: str) -> int:
    return sum(step.state is StepState.SUCCEEDED for step in house.steps(run).values())


_killed: list[int] = []


def _kill_supervisor() -> None:
    """SIGKILL, as a machine that is out of memory does it."""
    supervisor = _find_actor("Supervisor")
    _killed.append(supervisor.pid)
    supervisor.kill()


def _find_actor(name: str) -> psutil.Process:
    found = [process for process in psutil.Process().children(recursive=True) if f"ray::{name}" in _title(process)]
    assert len(found) == 1, found
    return found[0]


def _badge_attempt(pid: int) -> StepKey | None:
    """What a host does just now."""
    badges = [read_badge(path.parent) for path in Path(tempfile.gettempdir()).glob("dix-hosts-*/*/*/badge.json")]
    [badge] = [badge for badge in badges if badge is not None and badge.pid == pid]
    return badge.attempt


def _count_versions(house: House) -> int:
    """Trainings that have succeeded."""
    events = house.catalog.telemetry.list_events(limit=100_000)
    return len({(event.run, event.node) for event in events if event.node == "net" and event.kind == "succeeded"})


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
