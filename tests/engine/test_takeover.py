"""Parts of a flow and repaired runs, end to end in this process: what is used again, and what is not."""

from __future__ import annotations

import pytest

from dix.engine.base import Edit
from dix.errors import BadDocument, BadValue, NotFound
from dix.flow.text import hash_flow, read_flow
from dix.records.moments import now
from dix.records.project import Project
from dix.records.run import Run, RunFilter
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop

SUCCEEDED, SKIPPED, CACHED = StepState.SUCCEEDED, StepState.SKIPPED, StepState.CACHED
FLOW = """
dix: 1
name: parts
params: {fails: 0, tag: x}
nodes:
  rows: {kind: data, uri: in/rows.csv}
  first: {kind: algorithm, algorithm: writer, inputs: {data: rows}}
  net: {kind: algorithm, algorithm: learner, inputs: {data: first}, model: odd}
  bad: {kind: algorithm, algorithm: flaky, params: {fails: "{{ params.fails }}"}, inputs: {data: first}}
  last: {kind: algorithm, algorithm: writer, inputs: {data: bad}}
"""


@pytest.fixture(autouse=True)
def _rows(workshop: Workshop) -> None:
    workshop.store.write_bytes("in/rows.csv", b"a\n1\n")


def states(workshop: Workshop, run: Run) -> dict[str, StepState]:
    return {node: step.state for node, step in workshop.steps(run.id).items()}


def push(workshop: Workshop, text: str) -> int:
    doc = read_flow(text)
    return workshop.catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default").version


def retry(workshop: Workshop, run: Run, edit: Edit | None = None) -> Run:
    return workshop.wait(workshop.desk.retry_run(run.id, edit).id)


def test_a_success_knows_what_its_outputs_hold(workshop: Workshop) -> None:
    steps = workshop.steps(workshop.do(FLOW).id)
    assert steps["rows"].digests == {"data": workshop.store.checksum("in/rows.csv")}
    for port in ("data", "report"):
        assert steps["first"].digests[port] == workshop.store.checksum(steps["first"].outputs[port])
    version = workshop.catalog.models.get_model("odd", 1)
    assert steps["net"].digests == {"model": version.manifest["checksum"]}
    assert version.manifest["lineage"]["data"][0]["sha256"] == steps["first"].digests["data"]
    assert steps["bad"].digests == {}, "nothing lies there"


def test_from_takes_what_it_needs_from_the_latest_run(workshop: Workshop) -> None:
    workshop.do(FLOW)
    whole = workshop.do(FLOW, cache=False)
    run = workshop.do(FLOW, selection={"from": "bad"})
    assert run.state is RunState.SUCCEEDED
    assert states(workshop, run) == {
        "rows": SKIPPED, "first": CACHED, "net": SKIPPED, "bad": SUCCEEDED, "last": SUCCEEDED
    }  # fmt: skip
    step = workshop.steps(run.id)["first"]
    assert (step.reason, step.origin, step.attempt) == (f"taken from run {whole.id}", whole.id, 0)
    assert step.outputs == workshop.steps(whole.id)["first"].outputs
    assert step.why_run is None


def test_a_chain_of_partial_runs_names_the_run_that_did_it(workshop: Workshop) -> None:
    whole = workshop.do(FLOW)
    once = workshop.do(FLOW, selection={"only": "bad"})
    again = retry(workshop, once)
    assert workshop.steps(again.id)["first"].origin == whole.id
    third = workshop.do(FLOW, selection={"only": "last"})
    assert workshop.steps(third.id)["bad"].origin == once.id


def test_what_no_run_has_left_is_refused_before_the_run(workshop: Workshop) -> None:
    with pytest.raises(BadDocument) as caught:
        workshop.start(FLOW, selection={"only": "bad"})
    (problem,) = caught.value.problems
    assert (problem.node, problem.rule) == ("first", "no-earlier-output")
    assert "no earlier run of parts has left what net, bad needs from it" in problem.message
    assert "it has not succeeded there yet" in problem.message
    assert "with --to first" in problem.message
    assert workshop.catalog.runs.list_runs(RunFilter()).items == ()


def test_a_run_with_other_settings_does_not_fit_and_that_is_said(workshop: Workshop) -> None:
    run = workshop.do(FLOW)
    with pytest.raises(BadDocument, match=f"run {run.id} left another: params.fails was 0, now -1"):
        workshop.start(FLOW, selection={"only": "last"}, params={"fails": -1})
    other = FLOW.replace("in/rows.csv", "in/other.csv")
    with pytest.raises(BadDocument, match="what rows is made by changed"):
        workshop.start(other, selection={"only": "bad"})


def test_outputs_that_are_gone_are_not_taken(workshop: Workshop) -> None:
    older, newer = workshop.do(FLOW), workshop.do(FLOW, cache=False)
    workshop.store.delete(workshop.steps(newer.id)["first"].outputs["data"])
    run = workshop.do(FLOW, selection={"only": "bad"})
    assert workshop.steps(run.id)["first"].origin == older.id
    workshop.store.delete(workshop.steps(older.id)["first"].outputs["data"])
    with pytest.raises(BadDocument, match=f"run {newer.id} has left it, but its output data .* is not there any more"):
        workshop.start(FLOW, selection={"only": "bad"})


def test_another_project_does_not_see_what_was_left(workshop: Workshop) -> None:
    for name in ("vision", "speech"):
        workshop.catalog.projects.create_project(Project(name, now()))
    workshop.do(FLOW, project="vision")
    with pytest.raises(BadDocument):
        workshop.start(FLOW, selection={"only": "bad"}, project="speech")


def test_a_retry_without_an_edit_does_again_what_is_gone_and_what_stands_on_it(workshop: Workshop) -> None:
    old = workshop.do(FLOW, params={"fails": 1})
    assert old.state is RunState.FAILED
    workshop.store.delete(workshop.steps(old.id)["first"].outputs["data"])
    run = retry(workshop, old)
    assert states(workshop, run) == {
        "rows": CACHED, "first": SUCCEEDED, "net": CACHED, "bad": SUCCEEDED, "last": SUCCEEDED
    }  # fmt: skip

    assert workshop.steps(run.id)["net"].reason == f"unchanged since run {old.id}", (
        "what it stands on came out the same"
    )


def test_a_parameter_is_mended_and_what_is_unchanged_is_kept(workshop: Workshop) -> None:
    old = workshop.do(FLOW, params={"fails": 1000})
    run = retry(workshop, old, Edit(params={"fails": 0}))
    assert (run.state, run.retry_of, run.params) == (RunState.SUCCEEDED, old.id, {"fails": 0, "tag": "x"})
    assert states(workshop, run) == {
        "rows": CACHED, "first": CACHED, "net": CACHED, "bad": SUCCEEDED, "last": SUCCEEDED
    }  # fmt: skip
    assert {step.origin for step in workshop.steps(run.id).values() if step.state is CACHED} == {old.id}
    assert workshop.texts(old.id, "bad"), "the log of the old attempt is gone"
    assert len(workshop.catalog.models.list_model_versions("odd")) == 1


def test_a_flow_is_mended_and_what_the_edit_changes_is_done_again(workshop: Workshop) -> None:
    old = workshop.do(FLOW, params={"fails": 1000, "tag": "y"})
    text = FLOW.replace("algorithm: learner,", "algorithm: learner, params: {epochs: 2},").replace(
        "fails: 0,", "fails: 1,"
    )
    text = text.replace('"{{ params.fails }}"', "0")
    run = retry(workshop, old, Edit(push(workshop, text)))
    assert (run.state, run.flow_version, run.params) == (RunState.SUCCEEDED, 2, {"fails": 1000, "tag": "y"})
    assert states(workshop, run) == {
        "rows": CACHED, "first": CACHED, "net": SUCCEEDED, "bad": SUCCEEDED, "last": SUCCEEDED
    }  # fmt: skip
    back = retry(workshop, run, Edit(1, {"fails": 0}))
    assert states(workshop, back)["first"] is CACHED
    assert workshop.steps(back.id)["first"].origin == old.id


def test_an_edit_that_cannot_be_is_refused(workshop: Workshop) -> None:
    old = workshop.do(FLOW, params={"fails": 1000})
    with pytest.raises(NotFound):
        workshop.desk.retry_run(old.id, Edit(flow_version=9))
    with pytest.raises(BadDocument, match="did you mean 'fails'"):
        workshop.desk.retry_run(old.id, Edit(params={"fail": 0}))
    partial = workshop.do(FLOW, selection={"to": "first"})
    gone = push(workshop, FLOW.replace("  first:", "  renamed:").replace("data: first", "data: renamed"))
    with pytest.raises(NotFound, match="no node first"):
        workshop.desk.retry_run(partial.id, Edit(gone))
    with pytest.raises(BadValue):
        workshop.start(FLOW, selection={"from": "last", "to": "first"})
