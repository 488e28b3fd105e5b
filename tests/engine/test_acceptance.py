"""Before anything of a run is done: what cannot run is refused with a sentence, and nothing of it is left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance, Accepted
from dix.engine.base import RunOrder
from dix.engine.plan import Slice
from dix.errors import BadDocument, DixError, NotFound, NotYet
from dix.records.model_version import ModelDraft
from dix.records.run import RunFilter
from dix.records.states import Driver, RunState, StepState
from tests.engine.conftest import MACHINE

FLOW = """
dix: 1
name: f
params: {rate: 0.5, size: 3}
nodes:
  rows: {kind: data, uri: "in/{{ ds }}.csv"}
  a: {kind: algorithm, algorithm: noop, inputs: {data: rows}}
"""


def accept(catalog: DirectCatalog, text: str = FLOW, machine: Slice = MACHINE, **order: object) -> Accepted:
    catalog.flows.push_flow("f", text, text, "default")
    return Acceptance(catalog, list_specs(), [machine]).accept(RunOrder("f", **order))  # type: ignore[arg-type]


def refused(catalog: DirectCatalog, error: type[DixError], text: str = FLOW, **order: object) -> str:
    with pytest.raises(error) as caught:
        accept(catalog, text, **order)
    assert catalog.runs.list_runs(RunFilter()).items == (), "a run that was refused is on disk"
    return str(caught.value)


def circle(model: str, more: str = "") -> str:
    return FLOW + f'  score: {{kind: model, model: "{model}", inputs: {{data: rows}}{more}}}\n'


def test_an_accepted_run_is_on_disk_with_all_its_steps(catalog: DirectCatalog) -> None:
    day = datetime(2026, 5, 17, tzinfo=UTC)
    accepted = accept(
        catalog, params={"rate": 1}, logical_date=day, project="vision", driver=Driver.TIMED, selection={"to": "rows"}
    )
    run = catalog.runs.get_run(accepted.run.id)
    assert run == accepted.run
    assert (run.state, run.driver, run.project, run.flow_version) == (RunState.QUEUED, Driver.TIMED, "vision", 1)
    assert (run.params, run.logical_date, run.selection) == ({"rate": 1.0, "size": 3}, day, {"to": "rows"})
    assert catalog.runs.list_steps(run.id) == accepted.steps
    assert [(step.node, step.state, step.attempt) for step in accepted.steps] == [
        ("rows", StepState.PENDING, 0),
        ("a", StepState.PENDING, 0),
    ]
    assert accepted.plan.step("rows").uri == "in/2026-05-17.csv"


def test_without_a_date_it_is_the_moment_of_creation(catalog: DirectCatalog) -> None:
    run = accept(catalog).run
    assert run.logical_date == run.created


def test_the_latest_version_runs_unless_another_is_named(catalog: DirectCatalog) -> None:
    accept(catalog)
    newer = FLOW.replace("noop", "noop, title: new")
    assert accept(catalog, newer).run.flow_version == 2
    assert accept(catalog, newer, version=1).run.flow_version == 1


def test_what_is_not_there_is_named_with_the_nearest(catalog: DirectCatalog) -> None:
    catalog.flows.push_flow("digits", FLOW, "h", "default")
    with pytest.raises(NotFound, match=r"no flow digit; did you mean digits\?"):
        Acceptance(catalog, list_specs(), [MACHINE]).accept(RunOrder("digit"))
    assert "no node row; did you mean rows?" in refused(catalog, NotFound, selection={"to": "row"})


def test_parameters_are_checked_against_the_flows(catalog: DirectCatalog) -> None:
    said = refused(catalog, BadDocument, params={"rat": 1, "size": "big"})
    assert "the flow f has no parameter rat" in said
    assert "did you mean 'rate'?" in said
    assert "params.size: expected a whole number" in said


def test_values_that_parameters_make_wrong_are_found_before_the_run(catalog: DirectCatalog) -> None:
    text = FLOW.replace("inputs: {data: rows}", 'inputs: {data: rows}, resources: {cpu: "{{ params.rate }}"}')
    assert accept(catalog, text).plan.step("a").slice.cpu == 0.5
    with pytest.raises(BadDocument, match=r"a\.resources\.cpu"):
        accept(catalog, text, params={"rate": -1.0})


def test_a_step_that_no_machine_could_do_is_refused(catalog: DirectCatalog) -> None:
    text = FLOW.replace("inputs: {data: rows}", "inputs: {data: rows}, resources: {cpu: 4, gpu: 1}")
    said = refused(catalog, BadDocument, text)
    assert "a.resources.gpu: asks for 1 GPU, no machine has that; the largest has 0 (here)" in said
    assert "a.resources.cpu: asks for 4 CPU, no machine has that; the largest has 2 (here)" in said


def test_a_muted_step_may_ask_for_what_it_likes(catalog: DirectCatalog) -> None:
    text = FLOW.replace("inputs: {data: rows}", "inputs: {data: rows}, muted: true, resources: {cpu: 4}")
    assert accept(catalog, text).plan.step("a").skip == "it is muted"


def test_a_model_that_does_not_exist_is_refused(catalog: DirectCatalog) -> None:
    catalog.models.register_model(ModelDraft("digits", "file:///m", {}), "default")
    assert refused(catalog, NotFound, circle("models:/digit/1")) == "no model digit; did you mean digits?"
    assert "digits/7" in refused(catalog, NotFound, circle("models:/digits/7"))
    assert accept(catalog, circle("models:/digits")).plan.step("score").models == {"model": "models:/digits"}


def test_an_alias_is_not_taken_for_the_latest_version(catalog: DirectCatalog) -> None:
    catalog.models.register_model(ModelDraft("digits", "file:///m", {}), "default")
    assert "alias" in refused(catalog, NotYet, circle("models:/digits@champion"))


def test_a_muted_circle_may_name_a_model_that_is_not_there(catalog: DirectCatalog) -> None:
    assert accept(catalog, circle("models:/nothing/1", ", muted: true")).run.id


def test_a_plan_made_again_is_the_same(catalog: DirectCatalog) -> None:
    accepted = accept(catalog, params={"size": 9})
    again = Acceptance(catalog, list_specs(), []).plan_again(catalog.runs.get_run(accepted.run.id))
    assert again == accepted.plan
