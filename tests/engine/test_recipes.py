"""What a step is made by: all that changes its outputs, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dix.engine.plan import Plan, PlannedStep, Retrying, Slice, Source
from dix.engine.recipes import Surroundings, make_recipes, tell_changes
from dix.records.recipe import Recipe

HERE = Surroundings("c0de", {"dix": "1", "torch": "2"}, "file:///s")
ROWS = PlannedStep("rows", "data", uri="in/rows.csv")
NET = PlannedStep(
    "net", "algorithm", algorithm="cnn", framework="torch", params={"rate": 0.1, "layers": [1, 2]},
    inputs={"train": Source("rows", "data")}, model_name="m",
)  # fmt: skip
SCORE = PlannedStep("score", "model", inputs={"model": Source("net", "model"), "data": Source("rows", "data")})

SCORE_ALONE = PlannedStep("score", "model", inputs={"data": Source("rows", "data")}, models={"model": "models:/m/1"})


def recipes(*steps: PlannedStep, here: Surroundings = HERE) -> dict[str, Recipe]:
    return make_recipes(Plan("f", 1, steps), here)


def changed(**net: Any) -> set[str]:
    """The nodes whose recipes an edit of the net changes."""
    before, after = recipes(ROWS, NET, SCORE), recipes(ROWS, replace(NET, **net), SCORE)
    return {node for node in before if before[node].digest != after[node].digest}


@pytest.mark.parametrize(
    "edit",
    [
        {"params": {"rate": 0.2, "layers": [1, 2]}},
        {"params": {"rate": 0.1, "layers": [1, 2], "more": None}},
        {"algorithm": "rnn"},
        {"framework": "tensorflow"},
        {"model_name": "n"},
        {"output": "scores"},
        {"slice": Slice(workers=2)},
        {"bad_rows": 0.1},
        {"inputs": {"valid": Source("rows", "data")}},
        {"inputs": {"train": Source("rows", "other")}},
        {"models": {"model": "models:/m/1"}},
    ],
)
def test_what_decides_about_outputs_changes_the_step_and_what_follows(edit: dict[str, Any]) -> None:
    assert changed(**edit) == {"net", "score"}


@pytest.mark.parametrize(
    "edit", [{"slice": Slice(2, 1, 2**31)}, {"retrying": Retrying(3)}, {"timeout_s": 5.0}, {"skip": "muted"}]
)
def test_how_it_is_run_does_not(edit: dict[str, Any]) -> None:
    assert changed(**edit) == set()


def test_the_address_of_the_data_is_part_of_everything_that_stands_on_it() -> None:
    before, after = recipes(ROWS, NET, SCORE), recipes(replace(ROWS, uri="in/other.csv"), NET, SCORE)
    assert all(before[node].digest != after[node].digest for node in before)


@pytest.mark.parametrize(
    "here",
    [
        replace(HERE, code="new"),
        replace(HERE, environment="numpy 3"),
        replace(HERE, versions={"dix": "1", "torch": "3"}),
    ],
)
def test_code_and_versions_are_parts(here: Surroundings) -> None:
    assert recipes(ROWS, NET)["net"].digest != recipes(ROWS, NET, here=here)["net"].digest


def test_a_circle_depends_on_every_framework_for_its_model_may_be_of_any() -> None:
    newer = replace(HERE, versions={"dix": "1", "torch": "3"})
    assert recipes(ROWS, NET, SCORE)["score"].parts.keys() >= {"version.torch", "environment"}
    assert recipes(ROWS, SCORE_ALONE)["score"].digest != recipes(ROWS, SCORE_ALONE, here=newer)["score"].digest


def test_the_name_of_a_node_is_no_part_of_what_it_is_made_by() -> None:
    assert recipes(ROWS)["rows"].digest == recipes(replace(ROWS, node="lines"))["lines"].digest


def test_changes_are_told_in_words() -> None:
    before = recipes(ROWS, NET, SCORE)
    after = recipes(ROWS, replace(NET, params={"rate": 0.2}), SCORE)
    assert tell_changes(before["net"], after["net"]) == (
        "params.layers was [1, 2], now not given; params.rate was 0.1, now 0.2"
    )
    assert tell_changes(before["score"], after["score"]) == "what net is made by changed"
    moved = recipes(ROWS, replace(NET, inputs={"train": Source("rows", "test")}))
    assert tell_changes(before["net"], moved["net"]) == "inputs.train was rows.data, now rows.test"
    newer = recipes(ROWS, here=replace(HERE, code="new"))
    assert tell_changes(before["rows"], newer["rows"]) == "the code of the algorithms changed"
    assert tell_changes(before["net"], before["net"]) == ""
