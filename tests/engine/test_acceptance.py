"""Before anything of a run is done: what cannot run is refused with a sentence, and nothing of it is left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance, Accepted
from dix.engine.base import RunOrder
from dix.engine.machines import Machine
from dix.errors import BadDocument, DixError, NotFound
from dix.records.model_version import ModelDraft
from dix.records.project import Project
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


def accept(catalog: DirectCatalog, text: str = FLOW, machine: Machine = MACHINE, **order: object) -> Accepted:
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
    catalog.projects.create_project(Project("vision", day))
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


def checked(catalog: DirectCatalog, resources: str, params: str = "{rate: 0.5, size: 3}", more: str = "") -> str:
    """What `check` says of a node that asks for this."""
    card = Machine("node-1", "m1", 4, 1, 8 * 2**30, 100 * 2**30, {"fpga": 2}, "A100")
    text = FLOW.replace("{rate: 0.5, size: 3}", params)
    text = text.replace("inputs: {data: rows}", f"inputs: {{data: rows}}, resources: {resources}{more}")
    try:
        return Acceptance(catalog, list_specs(), [card]).check(text).name
    except BadDocument as error:
        return str(error).removeprefix("the flow document has 1 problem: ")


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ("{cpu: -1}", "a.resources.cpu: expected a number from 0 to 1000000, got -1"),
        ("{gpu: 1.5}", "a.resources.gpu: expected a part of one card, or whole cards, got 1.5; try 2"),
        ("{gpu: 2}", "a.resources.gpu: asks for 2 GPU, no machine has that; the largest has 1 (node-1)"),
        ("{memory: 10T}", "a.resources.memory: asks for 9.095 TiB memory, no machine has that; "),
        ("{disk: 1Ti}", "a.resources.disk: asks for 1 TiB disk, no machine has that; "),
        (
            "{gpu: 1, accelerator: A10}",
            (
                "a.resources.accelerator: no machine has a card of type A10; there is A100 (node-1) "
                "(did you mean 'A100'?)"
            ),
        ),
        ("{custom: {fpgas: 1}}", "a.resources.custom.fpgas: asks for 1 fpgas, no machine has a resource of that name"),
        ('{cpu: "{{ params.size * 2 }}"}', "a.resources.cpu: asks for 6 CPU, no machine has that; "),
        ('{cpu: "{{ params.rate - 1 }}"}', "a.resources.cpu: expected a number from 0 to 1000000, got -0.5"),
        ("{workers: 2}", "a.resources.workers: noop on several workers is not there yet; leave it out, or say 1"),
    ],
)
def test_what_no_machine_could_do_fails_the_check(catalog: DirectCatalog, resources: str, said: str) -> None:
    assert checked(catalog, resources).startswith(said)


def test_a_check_takes_what_fits_and_what_only_a_run_can_know(catalog: DirectCatalog) -> None:
    assert checked(catalog, "{cpu: 4, gpu: 1, memory: 8GiB, accelerator: [H100, A100], custom: {fpga: 2}}") == "f"
    assert checked(catalog, "{cpu: 99}", more=", muted: true") == "f"
    assert checked(catalog, "{cpu: 1}", params="{rate: null, size: 3}", more=', timeout: "{{ params.rate }}"') == "f"


@pytest.mark.parametrize("bad", ["bogus: {kind: data}", "bogus: {kind: data, uri: x, resources: {cpu: -1}}"])
def test_what_is_wrong_and_what_no_machine_could_do_is_told_in_one_round(catalog: DirectCatalog, bad: str) -> None:
    text = FLOW.replace("inputs: {data: rows}", "inputs: {daat: rows}, resources: {cpu: 99}") + f"  {bad}\n"
    with pytest.raises(BadDocument) as told:
        Acceptance(catalog, list_specs(), [Machine("node-1", "m1", 4, 1, 8 * 2**30, 100 * 2**30)]).check(text)
    problems = {(problem.node, problem.rule) for problem in told.value.problems}
    assert {("a", "unknown-port"), ("a", "impossible")} <= problems
    assert any(node == "bogus" for node, _ in problems)
    assert len(told.value.problems) == len(set(told.value.problems))


def test_a_muted_step_may_ask_for_what_it_likes(catalog: DirectCatalog) -> None:
    text = FLOW.replace("inputs: {data: rows}", "inputs: {data: rows}, muted: true, resources: {cpu: 4}")
    assert accept(catalog, text).plan.step("a").skip == "it is muted"


def test_a_model_that_does_not_exist_is_refused(catalog: DirectCatalog) -> None:
    catalog.models.register_model(ModelDraft("digits", "file:///m", {}), "default")
    assert refused(catalog, NotFound, circle("models:/digit/1")) == "no model digit; did you mean digits?"
    assert "digits/7" in refused(catalog, NotFound, circle("models:/digits/7"))
    assert "no alias digits@champion" in refused(catalog, NotFound, circle("models:/digits@champion"))


def test_a_muted_circle_may_name_a_model_that_is_not_there(catalog: DirectCatalog) -> None:
    assert accept(catalog, circle("models:/nothing/1", ", muted: true")).run.id


def test_a_plan_made_again_is_the_same(catalog: DirectCatalog) -> None:
    accepted = accept(catalog, params={"size": 9})
    again = Acceptance(catalog, list_specs(), []).plan_again(catalog.runs.get_run(accepted.run.id))
    assert again == accepted.plan
