"""Orders are made of what the steps before have left, and of models that exist."""

from __future__ import annotations

import pytest

from dix.catalog.direct import DirectCatalog
from dix.engine.messages import StepKey, StepOrder
from dix.engine.orders import find_version, make_order
from dix.engine.plan import PlannedStep, Source
from dix.errors import NotFound
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.run import Run
from dix.records.step import Step
from dix.store.options import StoreOptions

RUN = Run("r1", "f", 3, now())


@pytest.fixture(autouse=True)
def _model(catalog: DirectCatalog) -> None:
    for number in (1, 2):
        catalog.models.register_model(ModelDraft("digits", f"file:///m{number}", {}), "default")


def order(catalog: DirectCatalog, step: PlannedStep, **outputs: dict[str, str]) -> StepOrder:
    done = {node: Step("r1", node, outputs=left) for node, left in outputs.items()}
    return make_order(
        StepKey("r1", step.node, 1), RUN, step, done, models=catalog.models, store=StoreOptions("file:///s")
    )


def test_inputs_are_addresses_and_models_are_versions_with_their_folders(catalog: DirectCatalog) -> None:
    step = PlannedStep("s", "model", inputs={"data": Source("a", "test"), "model": Source("net", "model")})
    made = order(catalog, step, a={"test": "file:///t"}, net={"model": "models:/digits/1"})
    assert (made.inputs, made.models) == ({"data": "file:///t"}, {"model": "models:/digits/1"})
    assert made.model_folders == {"model": "file:///m1"}
    assert made.lineage == {"run": "r1", "node": "s", "flow": "f", "flow_version": 3, "models": made.models}


def test_a_reference_without_a_number_is_pinned_to_the_latest(catalog: DirectCatalog) -> None:
    made = order(catalog, PlannedStep("s", "model", models={"model": "models:/digits"}))
    assert (made.models, made.model_folders) == ({"model": "models:/digits/2"}, {"model": "file:///m2"})


def test_an_output_that_is_not_there_is_named(catalog: DirectCatalog) -> None:
    step = PlannedStep("s", "algorithm", inputs={"data": Source("a", "tests")})
    with pytest.raises(NotFound, match=r"no output a\.tests; did you mean test\?"):
        order(catalog, step, a={"test": "file:///t"})


def test_an_alias_is_read_and_what_is_missing_named(catalog: DirectCatalog) -> None:
    catalog.aliases.set_alias("digits", "champion", 1, "ana")
    assert find_version("models:/digits@champion", catalog.models).version == 1
    with pytest.raises(NotFound, match="did you mean digits@champion"):
        find_version("models:/digits@champ", catalog.models)
    with pytest.raises(NotFound, match="digits/9"):
        find_version("models:/digits/9", catalog.models)
