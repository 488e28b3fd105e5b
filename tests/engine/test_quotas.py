"""Projects with quotas in a running engine: what waits says why, and goes on when it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.engine.runner import Look
from dix.errors import BadValue, Conflict, NotFound
from dix.records.moments import now
from dix.records.project import Project, Quota, Reclaim
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop, open_workshop, wait_until
from tests.engine.oddities import Gate
from tests.engine.test_runner import flow, odd

SUCCEEDED = RunState.SUCCEEDED


def make_project(workshop: Workshop, name: str = "vision", **quotas: float) -> None:
    workshop.catalog.projects.create_project(Project(name, now(), quotas=to_quotas(quotas)))
    workshop.desk.reread_projects()


def to_quotas(numbers: dict[str, float]) -> dict[str, Quota]:
    return {resource: Quota(nominal) for resource, nominal in numbers.items()}


def reason(workshop: Workshop, run: str, node: str) -> str:
    return workshop.wait_for_step(run, node, StepState.WAITING).reason or ""


def test_a_project_uses_no_more_than_its_quota_and_says_who_has_it(workshop: Workshop) -> None:
    make_project(workshop, cpu=1)
    first = workshop.start(flow(odd("a", "gate")), project="vision")
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(flow(odd("b", "noop"), name="second"), project="vision")
    assert reason(workshop, second.id, "b") == (
        f"project vision uses 1 of 1 CPU: run {first.id}; goes on when one of them ends"
    )
    assert workshop.desk.read_usage()["vision"]["cpu"] == 1
    Gate.opened.set()
    assert workshop.wait(second.id).state is SUCCEEDED
    wait_until(lambda: not workshop.desk.read_usage()["vision"].get("cpu"))


def test_a_quota_that_is_raised_holds_at_once(workshop: Workshop) -> None:
    make_project(workshop, steps=0)
    run = workshop.start(flow(odd("a", "noop")), project="vision")
    assert reason(workshop, run.id, "a").startswith("asks for 1 concurrent steps, and project vision may use 0")
    project = workshop.catalog.projects.get_project("vision")
    workshop.catalog.projects.update_project(Project("vision", project.created, quotas=to_quotas({"steps": 1})))
    workshop.desk.reread_projects()
    assert workshop.wait(run.id).state is SUCCEEDED


def test_a_quota_that_is_lowered_holds_also_for_what_is_queued_behind_others(workshop: Workshop) -> None:
    make_project(workshop, steps=1)
    nodes = [odd(f"n{i}", "noop") for i in range(1000)]  # enough to be in the middle of them for a while
    run = workshop.start(flow(*nodes), project="vision")
    created = workshop.catalog.projects.get_project("vision").created

    def count() -> int:
        return sum(step.state is StepState.SUCCEEDED for step in workshop.steps(run.id).values())

    wait_until(lambda: count() > 10)
    workshop.catalog.projects.update_project(Project("vision", created, quotas=to_quotas({"steps": 0})))
    workshop.desk.reread_projects()
    wait_until(lambda: not workshop.desk.read_usage()["vision"].get("steps"))
    done = count()
    assert done < 1000
    assert reason(workshop, run.id, "n999").startswith("asks for 1 concurrent steps, and project vision may use 0")
    assert count() == done
    workshop.catalog.projects.update_project(Project("vision", created, quotas=to_quotas({"steps": 1})))
    workshop.desk.reread_projects()
    wait_until(lambda: count() > done)
    assert all(step.attempt <= 1 for step in workshop.steps(run.id).values())
    workshop.desk.cancel_run(run.id)


def test_a_run_beyond_the_quota_of_runs_stays_queued_with_a_reason(workshop: Workshop) -> None:
    make_project(workshop, runs=1)
    first = workshop.start(flow(odd("a", "gate")), project="vision")
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second, third = (workshop.start(flow(odd("b", "noop"), name=f"f{i}"), project="vision") for i in range(2))
    wait_until(lambda: workshop.catalog.runs.get_run(second.id).reason is not None)
    waiting = workshop.catalog.runs.get_run(second.id)
    assert (waiting.state, waiting.started) == (RunState.QUEUED, None)
    assert waiting.reason == (
        f"project vision uses 1 of 1 concurrent runs: run {first.id}; goes on when one of them ends"
    )
    assert workshop.desk.cancel_run(third.id).state is RunState.CANCELLED
    Gate.opened.set()
    ended = workshop.wait(second.id)
    assert (ended.state, ended.reason) == (SUCCEEDED, None)
    assert workshop.catalog.runs.get_run(third.id).state is RunState.CANCELLED


def test_the_disk_in_the_store_is_measured_and_limits_new_steps(workshop: Workshop) -> None:
    make_project(workshop, disk=1)
    first = workshop.do(flow(odd("a", "writer")), project="vision")
    stored = workshop.steps(first.id)["a"].stored_bytes
    assert stored > 1
    assert workshop.catalog.projects.measure_stored() == {"vision": stored}
    second = workshop.start(flow(odd("b", "noop"), name="second"), project="vision")
    assert "disk in the store; no step of it starts until" in reason(workshop, second.id, "b")
    assert workshop.do(flow(odd("c", "noop"), name="third")).state is SUCCEEDED, "other projects go on"


def test_an_output_that_is_written_over_counts_once(workshop: Workshop) -> None:
    make_project(workshop, disk=10**9)
    text = flow("a: {kind: algorithm, algorithm: filer, output: fixed/place, cache: false}", name="over")
    for _ in range(2):
        run = workshop.do(text, project="vision")
        stored = workshop.steps(run.id)["a"].stored_bytes
        assert stored > 0
        workshop.runner._measure_due = 0.0  # not only now and then
        workshop.runner.hear(Look())
        wait_until(lambda stored=stored: workshop.desk.read_usage()["vision"].get("disk") == stored)


def test_a_run_in_an_unknown_project_is_refused_with_the_nearest(workshop: Workshop) -> None:
    make_project(workshop)
    with pytest.raises(NotFound, match=r"no project visoin; did you mean vision\?"):
        workshop.start(flow(odd("a", "noop")), project="visoin")


def test_a_priority_can_be_changed_while_a_run_waits(workshop: Workshop) -> None:
    make_project(workshop, runs=1)
    first = workshop.start(flow(odd("a", "gate")), project="vision", priority=7)
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    runs = [workshop.start(flow(odd("b", "noop"), name=f"f{i}"), project="vision") for i in range(2)]
    assert workshop.desk.set_priority(runs[1].id, 9).priority == 9
    assert workshop.desk.set_priority(first.id, 8).priority == 8
    Gate.opened.set()
    ended = [workshop.wait(run.id) for run in runs]
    assert ended[1].started is not None
    assert ended[0].started is not None
    assert ended[1].started <= ended[0].started
    assert ended[1].priority == 9
    with pytest.raises(Conflict, match="is succeeded, so it cannot be moved in the queue"):
        workshop.desk.set_priority(first.id, 1)
    with pytest.raises(BadValue, match="priority: expected a whole number from -1000 to 1000, got 1001"):
        workshop.desk.set_priority(first.id, 1001)
    with pytest.raises(BadValue, match="priority"):
        workshop.start(flow(odd("a", "noop"), name="odd"), priority=-1001)
    with pytest.raises(NotFound, match="no run r0"):
        workshop.desk.set_priority("r0", 1)


def test_a_retry_keeps_the_priority(workshop: Workshop) -> None:
    old = workshop.do(flow(odd("a", "noop")), priority=3)
    assert workshop.wait(workshop.desk.retry_run(old.id).id).priority == 3


def test_quotas_hold_after_a_restart(tmp_path: Path, workshop: Workshop, catalog: DirectCatalog) -> None:
    make_project(workshop, runs=1)
    first = workshop.start(flow(odd("a", "gate"), odd("b", "noop", "a")), project="vision")
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(flow(odd("b", "noop"), name="second"), project="vision")
    wait_until(lambda: catalog.runs.get_run(second.id).reason is not None)
    workshop.runner.hear(None)
    Gate.opened.set()
    with open_workshop(tmp_path, catalog) as again:
        assert catalog.runs.get_run(second.id).state is RunState.QUEUED
        ended = [again.wait(run.id) for run in (first, second)]
    assert [run.state for run in ended] == [SUCCEEDED, SUCCEEDED]
    assert ended[0].ended is not None
    assert ended[1].started is not None
    assert ended[1].started >= ended[0].ended


def test_borrowed_slots_are_given_back_and_the_attempt_is_no_failure(workshop: Workshop) -> None:
    for name, cpu in (("vision", 1.0), ("speech", 0.0)):
        quotas = {"cpu": Quota(cpu)}
        workshop.catalog.projects.create_project(Project(name, now(), "research", Reclaim.ANY, quotas))
    workshop.desk.reread_projects()
    borrows = workshop.start(flow(odd("a", "gate")), project="speech")
    workshop.wait_for_step(borrows.id, "a", StepState.RUNNING)
    own = workshop.start(flow(odd("b", "noop"), name="own"), project="vision")
    wait_until(lambda: workshop.steps(borrows.id)["a"].reclaims == 1)
    Gate.opened.set()
    assert workshop.wait(own.id).state is SUCCEEDED
    assert workshop.wait(borrows.id).state is SUCCEEDED
    step = workshop.steps(borrows.id)["a"]
    assert (step.attempt, step.failures, step.reclaims) == (2, 0, 1)
    story = workshop.story(borrows.id, "a")
    assert [told for told in story if told != ("running", 2)] == [("running", 1), ("retrying", 1), ("succeeded", 2)]
    attempts = workshop.catalog.attempts.list_attempts(borrows.id)
    assert sorted((one.attempt, one.outcome) for one in attempts) == [(1, "cancelled"), (2, "succeeded")]
