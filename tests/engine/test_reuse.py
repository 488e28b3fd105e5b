"""Runs one after the other in this process: what is unchanged is not done again, and each hit and miss says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.records.moments import now
from dix.records.project import Project
from dix.records.run import Run
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop, open_workshop
from tests.engine.oddities import Flaky, install

SUCCEEDED, CACHED = StepState.SUCCEEDED, StepState.CACHED
FLOW = """
dix: 1
name: cached
params: {epochs: 2, uri: in/rows.csv, target: ""}
nodes:
  rows: {kind: data, uri: "{{ params.uri }}"}
  made: {kind: algorithm, algorithm: writer, inputs: {data: rows}}
  net: {kind: algorithm, algorithm: learner, inputs: {data: made}, params: {epochs: "{{ params.epochs }}"}, model: odd}
"""


@pytest.fixture(autouse=True)
def _rows(workshop: Workshop) -> None:
    workshop.store.write_bytes("in/rows.csv", b"a\n1\n")


def states(workshop: Workshop, run: Run) -> list[StepState]:
    return [step.state for step in workshop.steps(run.id).values()]


def test_what_is_unchanged_is_not_done_again(workshop: Workshop) -> None:
    first = workshop.do(FLOW)
    assert states(workshop, first) == [SUCCEEDED] * 3
    assert workshop.steps(first.id)["net"].why_run == "no earlier run has left its outputs"
    second = workshop.do(FLOW)
    assert (second.state, states(workshop, second)) == (RunState.SUCCEEDED, [SUCCEEDED, CACHED, CACHED])
    before, net = workshop.steps(first.id)["net"], workshop.steps(second.id)["net"]
    assert (net.reason, net.origin, net.attempt) == (f"unchanged since run {first.id}", first.id, 1)
    assert (net.outputs, net.digests, net.metrics) == (before.outputs, before.digests, before.metrics)
    assert net.why_run is None
    assert len(workshop.catalog.models.list_model_versions("odd")) == 1
    assert workshop.story(second.id, "net") == [("cached", 1)]
    third = workshop.do(FLOW)
    assert workshop.steps(third.id)["net"].origin == first.id, "it names the run that did it"


def test_a_parameter_that_changed_is_named_with_the_run(workshop: Workshop) -> None:
    first = workshop.do(FLOW)
    second = workshop.do(FLOW, params={"epochs": 3})
    assert states(workshop, second) == [SUCCEEDED, CACHED, SUCCEEDED]
    assert workshop.steps(second.id)["net"].why_run == f"params.epochs was 2 in run {first.id}, now 3"
    assert states(workshop, workshop.do(FLOW, params={"epochs": 2})) == [SUCCEEDED, CACHED, CACHED]


def test_data_that_changed_in_content_alone_is_found(workshop: Workshop) -> None:
    first = workshop.do(FLOW)
    path = Path(workshop.store.local_path("in/rows.csv") or "")
    before = path.stat()
    path.write_bytes(b"a\n2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    second = workshop.do(FLOW)
    assert states(workshop, second)[:2] == [SUCCEEDED, SUCCEEDED]
    assert workshop.steps(second.id)["made"].why_run == f"input data changed since run {first.id}"
    assert workshop.steps(second.id)["net"].state is CACHED, "its own input came out the same"
    path.write_bytes(b"a\n1\n")
    assert states(workshop, workshop.do(FLOW)) == [SUCCEEDED, CACHED, CACHED]


def test_the_same_content_elsewhere_is_the_same(workshop: Workshop) -> None:
    workshop.do(FLOW)
    workshop.store.write_bytes("in/copy.csv", b"a\n1\n")
    assert states(workshop, workshop.do(FLOW, params={"uri": "in/copy.csv"})) == [SUCCEEDED, CACHED, CACHED]


def test_outputs_that_are_gone_are_made_again(workshop: Workshop) -> None:
    first = workshop.do(FLOW)
    workshop.store.delete(workshop.steps(first.id)["made"].outputs["data"])
    second = workshop.do(FLOW)
    assert states(workshop, second) == [SUCCEEDED, SUCCEEDED, CACHED]
    assert workshop.steps(second.id)["made"].why_run == f"the output data of run {first.id} is gone"
    assert workshop.steps(workshop.do(FLOW).id)["made"].origin == second.id


def test_a_model_whose_folder_is_gone_is_trained_again(workshop: Workshop) -> None:
    first = workshop.do(FLOW)
    workshop.store.delete(workshop.catalog.models.get_model("odd", 1).uri)
    second = workshop.do(FLOW)
    net = workshop.steps(second.id)["net"]
    assert (net.state, net.outputs) == (SUCCEEDED, {"model": "models:/odd/2"})
    assert net.why_run == f"the output model of run {first.id} is gone"


def test_the_cache_is_off_for_a_node_or_a_run(workshop: Workshop) -> None:
    workshop.do(FLOW)
    off = FLOW.replace("algorithm: learner,", "algorithm: learner, cache: false,")
    run = workshop.do(off)
    assert states(workshop, run) == [SUCCEEDED, CACHED, SUCCEEDED]
    assert workshop.steps(run.id)["net"].why_run == "its cache is off, or its code may read more than its inputs"
    anew = workshop.do(FLOW, cache=False)
    assert states(workshop, anew) == [SUCCEEDED] * 3
    assert workshop.steps(anew.id)["net"].why_run == "the run was started without the cache"
    assert workshop.steps(workshop.do(FLOW).id)["net"].origin == anew.id, "what it left may be used"
    default = FLOW.replace("name: cached", "name: cached\ndefaults: {cache: false}")
    assert states(workshop, workshop.do(default)) == [SUCCEEDED] * 3


def test_a_data_node_without_a_cache_is_not_read_and_nothing_after_it_is_taken(workshop: Workshop) -> None:
    text = FLOW.replace("kind: data,", "kind: data, cache: false,")
    workshop.do(text)
    run = workshop.do(text)
    assert workshop.steps(run.id)["rows"].digests == {}
    assert workshop.steps(run.id)["made"].why_run == "it is not known what its input data holds"


def test_what_hands_its_input_on_is_always_done(workshop: Workshop) -> None:
    text = FLOW.replace("writer", "noop")
    workshop.do(text)
    assert states(workshop, workshop.do(text)) == [SUCCEEDED, SUCCEEDED, CACHED]


def test_a_failure_is_never_taken(workshop: Workshop) -> None:
    text = FLOW.replace("algorithm: writer,", "algorithm: flaky, params: {fails: 1},").partition("  net:")[0]
    assert workshop.do(text).state is RunState.FAILED
    assert workshop.do(text).state is RunState.SUCCEEDED
    assert Flaky.tries == {"made": 2}


def test_a_target_is_part_of_what_is_asked_for(workshop: Workshop) -> None:
    text = FLOW.replace("algorithm: writer,", "algorithm: writer, output: '{{ params.target }}',")
    first = workshop.do(text, params={"target": "out/a"})
    assert states(workshop, workshop.do(text, params={"target": "out/a"}))[1] is CACHED
    other = workshop.do(text, params={"target": "out/b"})
    assert workshop.steps(other.id)["made"].why_run == f"output was out/a in run {first.id}, now out/b"
    assert workshop.store.exists("out/b")


def test_projects_do_not_share(workshop: Workshop) -> None:
    for name in ("vision", "speech"):
        workshop.catalog.projects.create_project(Project(name, now()))
    workshop.do(FLOW, project="vision")
    assert states(workshop, workshop.do(FLOW, project="speech")) == [SUCCEEDED] * 3


def test_data_that_changes_while_it_is_read_is_not_remembered(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine import oddities

    write = oddities.Writer.run

    def write_and_disturb(self: oddities.Writer, context: object) -> object:
        workshop.store.write_bytes("in/rows.csv", b"a\n9\n")
        return write(self, context)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(oddities.Writer, "run", write_and_disturb)
        workshop.do(FLOW)
    workshop.store.write_bytes("in/rows.csv", b"a\n1\n")
    assert states(workshop, workshop.do(FLOW))[:2] == [SUCCEEDED, SUCCEEDED]


def test_an_engine_that_starts_anew_knows_what_was_left(
    tmp_path: Path, catalog: DirectCatalog, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workshop.do(FLOW)
    install(monkeypatch)
    with open_workshop(tmp_path, catalog) as again:
        assert again.steps(again.do(FLOW).id)["net"].origin == first.id


def test_new_code_is_another_step(workshop: Workshop, tmp_path: Path, catalog: DirectCatalog,
                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    first = workshop.do(FLOW)
    monkeypatch.setattr("dix.engine.surroundings._hash_source", lambda: "new")
    with open_workshop(tmp_path, catalog) as again:
        made = again.steps(again.do(FLOW).id)["made"]
    assert (made.state, made.why_run) == (SUCCEEDED, f"the code of the algorithms changed since run {first.id}")


def test_keys_of_successes_are_packed_when_they_are_many(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dix.engine.reuse._MANY", 1)
    workshop.do(FLOW)
    assert states(workshop, workshop.do(FLOW)) == [SUCCEEDED, CACHED, CACHED]
    assert workshop.runner._reuse._fresh == set()
    assert len(workshop.runner._reuse._old) == 2
