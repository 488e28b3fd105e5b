"""The loop in this process: runs from acceptance to end, with everything that goes wrong on the way."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dix.engine.base import RunOrder
from dix.engine.course import Course
from dix.engine.entrance import TakeUp
from dix.engine.messages import StepOrder
from dix.errors import Conflict, NotFound
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop, wait_until
from tests.engine.oddities import Flaky, Gate

SUCCEEDED, FAILED, SKIPPED, CACHED = StepState.SUCCEEDED, StepState.FAILED, StepState.SKIPPED, StepState.CACHED


def flow(*nodes: str, **top: str) -> str:
    """A flow of nodes, each one line of YAML (`name: {...}`)."""
    head = "".join(f"{name}: {value}\n" for name, value in {"dix": "1", "name": "odd", **top}.items())
    return head + "nodes:\n" + "".join(f"  {node}\n" for node in nodes)


def odd(name: str, algorithm: str, after: str = "", **more: str) -> str:
    """One algorithm node in one line."""
    fields = {"kind": "algorithm", "algorithm": algorithm} | ({"inputs": f"{{data: {after}}}"} if after else {}) | more
    return f"{name}: {{{', '.join(f'{key}: {value}' for key, value in fields.items())}}}"


def test_a_failure_of_the_users_code_shows_its_traceback(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "flaky")))
    step = workshop.steps(run.id)["a"]
    assert (run.state, run.error) == (RunState.FAILED, "a: ValueError: the loss is nan")
    assert (step.state, step.error, step.attempt) == (FAILED, "ValueError: the loss is nan", 1)
    assert "oddities.py" in (step.trace or "")
    assert "the loss is nan\nand more" in (step.trace or "")
    assert step.started
    assert step.ended
    logged = [line for line in workshop.desk.read_logs(run.id).items if line.stream == "dix"]
    assert "\n".join(line.text for line in logged) == (step.trace or "").rstrip()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("empty", "RuntimeError"),
        ("half", "ValueError: half a character: \\udce4"),
        ("exit", "its code ended the process with sys.exit(3)"),
        ("interrupt", "KeyboardInterrupt"),
        ("data", "file:///x.csv: column label is not there"),
        ("missing", "file:///x.csv: nothing lies there"),
        ("model", "the model at file:///m cannot be loaded: model.json is not JSON"),
        ("step", "it broke"),
        ("found", "no column lable; did you mean label?"),
    ],
)
def test_whatever_is_raised_fails_the_step_with_one_line(workshop: Workshop, error: str, sentence: str) -> None:
    run = workshop.do(flow(odd("a", "flaky", params=f"{{error: {error}}}", retries="1")))
    step = workshop.steps(run.id)["a"]
    assert (step.state, step.error, Flaky.tries) == (FAILED, sentence, {"a": 2})


def test_repeats_are_counted_and_each_is_told(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "flaky", params="{fails: 2}", retries="3")))
    step = workshop.steps(run.id)["a"]
    assert (run.state, step.attempt, step.failures) == (RunState.SUCCEEDED, 3, 2)
    assert (step.error, step.trace, step.reason) == (None, None, None)
    assert step.metrics == {"tries": 3}
    story = workshop.story(run.id, "a")
    assert story == [("running", 1), ("retrying", 1), ("running", 2), ("retrying", 2), ("succeeded", 3)]
    assert [line.attempt for line in workshop.desk.read_logs(run.id).items if line.text.startswith("ValueError")] == [
        1,
        2,
    ]


def test_a_repeat_waits_and_says_so(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "flaky", params="{fails: 1}", retries="1", retry="{wait: 1s}")))
    # On a busy machine it has another reason before, while its worker is being started.
    wait_until(lambda: (workshop.steps(run.id)["a"].reason or "").startswith("attempt 1"), 30)
    step = workshop.steps(run.id)["a"]
    assert step.reason == "attempt 1 failed: ValueError: the loss is nan; attempt 2 follows in 1 s"
    assert "oddities.py" in (step.trace or "")
    failed = time.monotonic()
    assert workshop.wait(run.id).state is RunState.SUCCEEDED
    assert time.monotonic() - failed > 0.1


def test_an_attempt_that_could_not_even_be_handed_on_is_repeated_after_its_pause(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, refusals = Course.make_order, [NotFound("output", "a.data")]

    def make_order(course: Course, *given: Any) -> StepOrder:
        if refusals:
            raise refusals.pop()
        return plain(course, *given)

    monkeypatch.setattr(Course, "make_order", make_order)
    run = workshop.start(flow(odd("a", "noop", retries="1", retry="{wait: 200ms}")))
    assert workshop.wait(run.id, 20).state is RunState.SUCCEEDED
    assert workshop.steps(run.id)["a"].attempt == 2


@pytest.mark.parametrize("error", ["store", "catalog", "worker"])
def test_failures_of_the_platform_are_repeated_three_times_besides(
    workshop: Workshop, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dix.engine.tries.PLATFORM_PAUSE_S", 0.01)
    run = workshop.do(flow(odd("a", "flaky", params=f"{{error: {error}}}", retries="0")))
    step = workshop.steps(run.id)["a"]
    assert (step.state, step.attempt, step.failures, Flaky.tries) == (FAILED, 4, 0, {"a": 4})
    assert step.trace is None


def test_what_comes_after_a_failure_is_skipped_and_other_branches_go_on(workshop: Workshop) -> None:
    run = workshop.do(
        flow(
            odd("good", "noop"),
            odd("bad", "flaky"),
            odd("after_bad", "noop", "bad"),
            odd("far_after_bad", "noop", "after_bad"),
            odd("after_good", "noop", "good"),
        )
    )
    steps = workshop.steps(run.id)
    assert run.state is RunState.FAILED
    assert {name: step.state for name, step in steps.items()} == {
        "good": SUCCEEDED,
        "bad": FAILED,
        "after_bad": SKIPPED,
        "far_after_bad": SKIPPED,
        "after_good": SUCCEEDED,
    }
    assert steps["after_bad"].reason == "its input bad failed"
    assert steps["far_after_bad"].reason == "its input after_bad was skipped"
    assert steps["after_bad"].attempt == 0
    assert steps["after_bad"].ended


def test_a_muted_node_is_skipped_with_what_comes_after_it(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "noop", muted="true"), odd("b", "noop", "a"), odd("c", "noop")))
    assert run.state is RunState.SUCCEEDED
    reasons = {name: step.reason for name, step in workshop.steps(run.id).items()}
    assert reasons == {"a": "it is muted", "b": "its input a was skipped", "c": None}


def test_to_runs_a_node_and_what_it_needs(workshop: Workshop) -> None:
    text = flow(odd("a", "noop"), odd("b", "noop", "a"), odd("c", "noop", "b"), odd("d", "noop"))
    run = workshop.do(text, selection={"to": "b"})
    steps = workshop.steps(run.id)
    assert run.state is RunState.SUCCEEDED
    assert [step.node for step in steps.values() if step.state is SUCCEEDED] == ["a", "b"]
    assert steps["d"].reason == "the run goes to b only"


def test_a_timeout_ends_the_attempt_and_counts_as_a_failure(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "gate", timeout="300ms"), odd("b", "noop", "a")))
    steps = workshop.steps(run.id)
    assert (steps["a"].state, steps["a"].error) == (FAILED, "it ran longer than its timeout of 0.3 s")
    assert steps["b"].state is SKIPPED
    assert run.error == "a: it ran longer than its timeout of 0.3 s"


def test_a_cancelled_run_ends_at_once_and_late_reports_are_ignored(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "gate"), odd("b", "noop", "a"), odd("c", "flaky", params="{fails: 0}")))
    workshop.wait_for_step(run.id, "a", StepState.RUNNING)
    cancelled = workshop.desk.cancel_run(run.id)
    before = workshop.steps(run.id)
    assert cancelled.state is RunState.CANCELLED
    assert cancelled.ended
    assert before["a"].state is before["b"].state is StepState.CANCELLED
    assert before["a"].reason == "the run was cancelled"
    with pytest.raises(Conflict, match="is cancelled, so it cannot be cancelled"):
        workshop.desk.cancel_run(run.id)
    Gate.opened.set()
    assert workshop.do(flow(odd("z", "noop"), name="next")).state is RunState.SUCCEEDED  # the late report is behind us
    assert workshop.steps(run.id) == before


def test_a_run_that_nobody_has_taken_up_can_be_cancelled_and_then_stays_so(workshop: Workshop) -> None:
    accepted = workshop.desk._make_acceptance().accept(_pushed(workshop, flow(odd("a", "noop"))))
    assert workshop.desk.cancel_run(accepted.run.id).state is RunState.CANCELLED
    workshop.runner.hear(TakeUp(accepted.run, accepted.steps, accepted.plan))
    workshop.do(flow(odd("z", "noop"), name="next"))
    assert workshop.catalog.runs.get_run(accepted.run.id).state is RunState.CANCELLED
    assert workshop.steps(accepted.run.id)["a"].state is StepState.CANCELLED


def test_a_run_that_has_ended_cannot_be_cancelled(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "noop")))
    with pytest.raises(Conflict, match=f"run {run.id} is succeeded, so it cannot be cancelled"):
        workshop.desk.cancel_run(run.id)
    with pytest.raises(NotFound, match="no run r0"):
        workshop.desk.cancel_run("r0")


def test_a_stale_take_up_of_an_ended_run_changes_nothing(workshop: Workshop) -> None:
    accepted = workshop.desk._make_acceptance().accept(_pushed(workshop, flow(odd("a", "flaky", params="{fails: 0}"))))
    stale = TakeUp(accepted.run, accepted.steps, accepted.plan)
    workshop.runner.hear(stale)
    run = workshop.wait(accepted.run.id)
    before, events = workshop.steps(run.id), workshop.story(run.id)
    workshop.runner.hear(stale)
    workshop.runner.hear(stale)
    workshop.do(flow(odd("z", "noop"), name="next"))
    assert workshop.catalog.runs.get_run(run.id) == run
    assert (workshop.steps(run.id), workshop.story(run.id), Flaky.tries) == (before, events, {"a": 1})


def test_a_data_node_waits_without_a_slot_until_its_path_appears(workshop: Workshop) -> None:
    text = flow('rows: {kind: data, uri: "in/rows.csv", wait: {timeout: 1m, every: 50ms}}', odd("b", "noop", "rows"))
    run = workshop.start(text)
    step = workshop.wait_for_step(run.id, "rows", StepState.WAITING)
    assert "looks again every 0.05 s until" in (step.reason or "")
    others = [workshop.do(flow(odd("a", "noop"), name=f"other{i}")) for i in range(3)]
    assert {other.state for other in others} == {RunState.SUCCEEDED}
    workshop.store.write_bytes("in/rows.csv", b"a\n1\n")
    assert workshop.wait(run.id).state is RunState.SUCCEEDED
    rows = workshop.steps(run.id)["rows"]
    assert (rows.attempt, rows.failures, rows.reason) == (1, 0, None)
    assert rows.outputs == {"data": workshop.store.resolve("in/rows.csv")}
    assert rows.metrics["rows"] == 1
    assert workshop.steps(run.id)["b"].outputs == rows.outputs


def test_a_data_node_that_waits_in_vain_says_how_long(workshop: Workshop) -> None:
    run = workshop.do(flow("rows: {kind: data, uri: in/rows.csv, retries: 5, wait: {timeout: 300ms, every: 1h}}"))
    step = workshop.steps(run.id)["rows"]
    assert step.state is FAILED
    assert (step.error or "").endswith("; it did not appear within 0.3 s")
    assert "in/rows.csv" in (step.error or "")


def test_a_data_node_without_wait_fails_at_once(workshop: Workshop) -> None:
    run = workshop.do(flow("rows: {kind: data, uri: in/rows.csv}"))
    step = workshop.steps(run.id)["rows"]
    assert (step.state, step.attempt) == (FAILED, 1)
    assert "in/rows.csv" in (step.error or "")


def test_an_output_that_was_not_left_fails_who_wants_it(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "forgetful"), odd("b", "noop", "a"), odd("c", "noop", "b"), odd("d", "noop")))
    steps = workshop.steps(run.id)
    assert (steps["b"].state, steps["b"].error) == (FAILED, "no output a.data")
    assert (steps["c"].state, steps["d"].state) == (SKIPPED, SUCCEEDED)


def test_odd_metrics_become_plain(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "numbers")))
    metrics = workshop.steps(run.id)["a"].metrics
    assert run.state is RunState.SUCCEEDED
    assert {name: metrics[name] for name in ("float32", "int64", "array", "set", "bool", "half")} == {
        "float32": 0.5,
        "int64": 7,
        "array": [0, 1, 2],
        "set": [1],
        "bool": True,
        "half": "\\udce4",
    }
    assert metrics["nan"] != metrics["nan"]
    assert metrics["object"].startswith("<object object")


def test_outputs_appear_only_when_a_step_has_succeeded(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("good", "writer"), odd("bad", "writer", params="{fails: true}")))
    good, bad = workshop.steps(run.id)["good"], workshop.steps(run.id)["bad"]
    assert bad.outputs == {}
    assert sorted(good.outputs) == ["data", "report"]
    assert [file.path for file in workshop.store.list_files(good.outputs["data"])] == ["rows.csv"]
    visible = {file.path.split("/")[0] for file in workshop.store.list_files(f"dix/runs/{run.id}/steps")}
    assert visible == {"good"}


def test_an_output_lies_where_the_node_says(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("a", "writer", output='"scores/{{ ds }}/"'), odd("b", "noop", "a")), logical_date=None)
    day = run.created.date().isoformat()
    assert workshop.steps(run.id)["b"].outputs["data"] == workshop.store.resolve(f"scores/{day}/")


def test_models_are_registered_with_success_and_named_to_what_follows(workshop: Workshop) -> None:
    text = flow(odd("net", "learner", model="odd-net"), odd("b", "flaky", params="{fails: 0}"))
    first, second = workshop.do(text), workshop.do(text, cache=False)
    for number, run in enumerate([first, second], start=1):
        step = workshop.steps(run.id)["net"]
        assert step.outputs == {"model": f"models:/odd-net/{number}"}
        assert step.progress == 1.0
        version = workshop.catalog.models.get_model("odd-net", number)
        assert (version.run, version.node) == (run.id, "net")
        assert version.manifest["lineage"]["run"] == run.id
    wait_until(lambda: workshop.store.exists("dix/models/odd-net/versions/2.json"))


def test_metrics_of_each_epoch_are_kept(workshop: Workshop) -> None:
    run = workshop.do(flow(odd("net", "learner", params="{epochs: 4}")))
    points = workshop.catalog.telemetry.list_metrics(run.id)
    assert [(point.node, point.name, point.attempt, point.position, point.value) for point in points] == [
        ("net", "loss", 1, epoch, 1 / epoch) for epoch in (1, 2, 3, 4)
    ]
    assert workshop.steps(run.id)["net"].metrics == {"loss": 0.25, "best": 0.5}


def test_progress_and_metrics_are_there_while_a_step_works(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "gate")))
    step = workshop.wait_for_step(run.id, "a", StepState.RUNNING)
    assert (step.progress, step.metrics, step.attempt) == (0.25, {"depth": 4.0}, 1)
    assert [point.value for point in workshop.catalog.telemetry.list_metrics(run.id)] == [4.0]
    assert workshop.catalog.runs.get_run(run.id).state is RunState.RUNNING
    Gate.opened.set()
    assert workshop.wait(run.id).state is RunState.SUCCEEDED


def test_a_step_that_waits_says_for_what(workshop: Workshop) -> None:
    first = workshop.start(flow(odd("a", "gate", resources="{cpu: 2}")))
    workshop.wait_for_step(first.id, "a", StepState.RUNNING)
    second = workshop.start(flow(odd("b", "noop"), name="second"))
    step = workshop.wait_for_step(second.id, "b", StepState.WAITING)
    assert step.reason == f"no machine has 1 free CPU; largest free: 0 on here; taken by {first.id}.a#1"
    Gate.opened.set()
    assert workshop.wait(second.id).state is RunState.SUCCEEDED
    assert workshop.steps(second.id)["b"].reason is None


def test_a_retry_takes_over_what_had_succeeded(workshop: Workshop) -> None:
    text = flow(
        odd("net", "learner", model="odd-net"),
        odd("bad", "flaky", params="{fails: 1}"),
        odd("after", "noop", "bad"),
        odd("muted", "noop", muted="true"),
        params="{rate: 1}",
    )
    old = workshop.do(text, params={"rate": 2})
    assert old.state is RunState.FAILED
    run = workshop.wait(workshop.desk.retry_run(old.id).id)
    steps = workshop.steps(run.id)
    assert (run.state, run.retry_of, run.params, run.logical_date) == (
        RunState.SUCCEEDED,
        old.id,
        {"rate": 2},
        old.logical_date,
    )
    assert (steps["net"].state, steps["net"].outputs) == (CACHED, {"model": "models:/odd-net/1"})
    assert steps["net"].reason == f"taken from run {old.id}"
    assert (steps["bad"].state, steps["bad"].attempt, steps["bad"].failures) == (SUCCEEDED, 1, 0)
    assert (steps["after"].state, steps["muted"].state) == (SUCCEEDED, SKIPPED)
    assert len(workshop.catalog.models.list_model_versions("odd-net")) == 1
    again = workshop.wait(workshop.desk.retry_run(run.id).id)
    assert again.state is RunState.SUCCEEDED
    assert workshop.steps(again.id)["after"].state is CACHED


def test_a_run_that_goes_on_cannot_be_retried(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "gate")))
    with pytest.raises(Conflict, match="cannot be retried"):
        workshop.desk.retry_run(run.id)


def test_logs_of_a_run_that_printed_nothing_are_empty(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "gate")))
    page = workshop.desk.read_logs(run.id)
    assert page.items == ()
    assert page.next_cursor is not None
    Gate.opened.set()
    workshop.wait(run.id)
    assert workshop.desk.read_logs(run.id).next_cursor is None
    with pytest.raises(NotFound, match="no node b"):
        workshop.desk.read_logs(run.id, "b")
    with pytest.raises(NotFound, match="no run r0"):
        workshop.desk.read_logs("r0")


def test_many_runs_go_on_beside_one_that_is_stuck(workshop: Workshop) -> None:
    stuck = workshop.start(flow("rows: {kind: data, uri: in/rows.csv, wait: {timeout: 1h, every: 1h}}"))
    runs = [workshop.start(flow(odd("a", "noop"), odd("b", "noop", "a"), name=f"many{i}")) for i in range(20)]
    assert {workshop.wait(run.id).state for run in runs} == {RunState.SUCCEEDED}
    assert workshop.catalog.runs.get_run(stuck.id).state is RunState.RUNNING


def test_a_wide_run_ends_soon(workshop: Workshop) -> None:
    chains = [odd(f"n{i}_{j}", "noop", f"n{i - 1}_{j}" if i else "") for i in range(10) for j in range(100)]
    run = workshop.do(flow(*chains))
    assert run.state is RunState.SUCCEEDED
    assert {step.state for step in workshop.steps(run.id).values()} == {SUCCEEDED}


def _pushed(workshop: Workshop, text: str) -> RunOrder:
    workshop.catalog.flows.push_flow("odd", text, text, "default")
    return RunOrder("odd")


def test_while_a_step_runs_signs_of_life_are_kept(workshop: Workshop) -> None:
    run = workshop.start(flow(odd("a", "gate")))
    workshop.wait_for_step(run.id, "a", StepState.RUNNING)
    (begun,) = workshop.catalog.attempts.list_open_attempts()
    assert (begun.run, begun.node, begun.attempt, begun.allocated.cpu) == (run.id, "a", 1, 1.0)
    wait_until(lambda: workshop.catalog.attempts.find_alive() is not None)
    first = workshop.catalog.attempts.find_alive()
    assert first is not None
    assert first >= begun.started
    wait_until(lambda: workshop.catalog.attempts.find_alive() != first)
    Gate.open_all()
    workshop.wait(run.id)
    (ended,) = workshop.catalog.attempts.list_attempts(run.id)
    assert (ended.started, ended.outcome) == (begun.started, "succeeded")
    assert ended.used.cpu_s is not None
