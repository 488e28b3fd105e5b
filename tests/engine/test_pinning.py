"""What a reference to a model means in a run is settled when the run is accepted, and told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance, Accepted
from dix.engine.base import Edit, RunOrder
from dix.errors import NotFound
from dix.records.change import ChangeSet, RunMove
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.run import Run
from dix.records.states import RunState
from tests.engine.conftest import MACHINE

CHAMPION = "models:/digits@champion"
FLOW = """
dix: 1
name: f
params: {alias: champion}
nodes:
  rows: {kind: data, uri: in.csv}
  score: {kind: model, model: "models:/digits@{{ params.alias }}", inputs: {data: rows}}
"""


@pytest.fixture(autouse=True)
def _models(catalog: DirectCatalog) -> None:
    for number in (1, 2):
        catalog.models.register_model(ModelDraft("digits", f"file:///m{number}", {}), "default")
    catalog.aliases.set_alias("digits", "champion", 1, "ana")
    catalog.flows.push_flow("f", FLOW, "h", "default")


@pytest.fixture
def acceptance(catalog: DirectCatalog) -> Acceptance:
    return Acceptance(catalog, list_specs(), [MACHINE])


def end(catalog: DirectCatalog, run: Run) -> None:
    for expect, to in ((RunState.QUEUED, RunState.RUNNING), (RunState.RUNNING, RunState.FAILED)):
        catalog.runs.apply_changes(ChangeSet(runs=(RunMove(run.id, expect, to, now()),)))


def model_of(accepted: Accepted) -> str:
    return accepted.plan.step("score").models["model"]


def test_an_alias_is_read_when_the_run_is_accepted(acceptance: Acceptance, catalog: DirectCatalog) -> None:
    accepted = acceptance.accept(RunOrder("f"))
    assert model_of(accepted) == "models:/digits/1"
    assert catalog.runs.get_run(accepted.run.id).models == {CHAMPION: "models:/digits/1"}
    catalog.aliases.set_alias("digits", "champion", 2, "ana")
    assert acceptance.plan_again(catalog.runs.get_run(accepted.run.id)) == accepted.plan
    assert model_of(acceptance.accept(RunOrder("f"))) == "models:/digits/2"
    latest = acceptance.accept(RunOrder("f", params={"alias": "latest"}))
    assert latest.run.models == {"models:/digits@latest": "models:/digits/2"}


def test_the_recipe_is_by_version(acceptance: Acceptance, catalog: DirectCatalog) -> None:
    first = acceptance.accept(RunOrder("f")).run
    catalog.aliases.set_alias("digits", "challenger", 1, "ana")
    same = acceptance.accept(RunOrder("f", params={"alias": "challenger"})).run
    catalog.aliases.set_alias("digits", "champion", 2, "ana")
    other = acceptance.accept(RunOrder("f")).run
    digests = [catalog.results.list_recipes(run.id)["score"].digest for run in (first, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert catalog.results.list_recipes(first.id)["score"].parts["inputs.model"] == "models:/digits/1"


def test_a_run_that_is_repeated_means_what_it_meant(acceptance: Acceptance, catalog: DirectCatalog) -> None:
    old = acceptance.accept(RunOrder("f")).run
    end(catalog, old)
    catalog.aliases.set_alias("digits", "champion", 2, "ana")
    catalog.aliases.set_alias("digits", "best", 2, "ana")
    assert acceptance.repeat(old.id).run.models == {CHAMPION: "models:/digits/1"}
    edited = acceptance.repeat(old.id, Edit(params={"alias": "best"}))
    assert edited.run.models == {"models:/digits@best": "models:/digits/2"}


def test_a_run_of_an_older_dix_has_its_references_read_when_its_steps_start(
    acceptance: Acceptance, catalog: DirectCatalog
) -> None:
    run = replace(acceptance.accept(RunOrder("f")).run, models={})
    assert acceptance.plan_again(run).step("score").models == {"model": CHAMPION}


def test_an_alias_that_is_not_there_is_refused_with_the_nearest(acceptance: Acceptance) -> None:
    with pytest.raises(NotFound, match=r"no alias digits@champ; did you mean digits@champion\?"):
        acceptance.accept(RunOrder("f", params={"alias": "champ"}))
