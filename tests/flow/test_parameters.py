"""Parameters of algorithms and of runs."""

from __future__ import annotations

from typing import Any

import pytest

from dix.errors import BadDocument
from dix.flow.parameters import ParamChecker
from dix.flow.run_params import resolve_params
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import read_flow

FLOW = read_flow(
    "dix: 1\nname: f\nparams: {rate: 0.1, epochs: 3, fast: true, name: a, layers: [1], deep: {a: 1}, any: null}\n"
    "nodes: {a: {kind: data, uri: x}}"
)


def test_defaults_are_filled_in_and_not_shared(specs: AlgorithmSpecs) -> None:
    first = ParamChecker(specs["cnn"]).fill_sound({"epochs": 5.0})
    assert first == {"learning_rate": 0.1, "epochs": 5, "optimizer": "sgd", "layers": []}
    assert type(first["epochs"]) is int
    first["layers"].append(1)
    assert ParamChecker(specs["cnn"]).fill_sound({})["layers"] == []


def test_text_with_braces_is_a_value_once_rendered(specs: AlgorithmSpecs) -> None:
    assert ParamChecker(specs["cnn"]).fill_sound({"name": "{{ x }}"})["name"] == "{{ x }}"
    with pytest.raises(BadDocument, match="expected a whole number"):
        ParamChecker(specs["cnn"]).fill_sound({"epochs": "{{ x }}"})


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ({}, {}),
        ({"rate": 1}, {"rate": 1.0}),
        ({"epochs": 5, "fast": False}, {"epochs": 5, "fast": False}),
        ({"name": "", "layers": [], "deep": {}}, {"name": "", "layers": [], "deep": {}}),
        ({"any": 3}, {"any": 3}),
        ({"any": [None]}, {"any": [None]}),
    ],
)
def test_a_run_overrides_the_flows_parameters(given: dict[str, Any], resolved: dict[str, Any]) -> None:
    assert resolve_params(FLOW, given) == {**FLOW.params, **resolved}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("rat", 1, "no parameter rat; it has rate, epochs"),
        ("rate", "0.1", "expected a number as in its default"),
        ("rate", True, "got true"),
        ("rate", None, "got nothing"),
        ("rate", float("inf"), "finite"),
        ("epochs", 3.0, "expected a whole number"),
        ("epochs", True, "expected a whole number"),
        ("epochs", 2**70, "64 bits"),
        ("fast", 1, "expected true or false"),
        ("name", 5, 'quote it, as in name="5"'),
        ("layers", {"a": 1}, "expected a list"),
        ("deep", [1], "expected a mapping"),
        ("any", object(), "got a object"),
        ("any", {1: 2}, "keys that are text"),
        ("any", "\ud800", "surrogate"),
    ],
)
def test_an_override_of_the_wrong_kind_is_refused(name: str, value: Any, says: str) -> None:
    with pytest.raises(BadDocument) as caught:
        resolve_params(FLOW, {name: value})
    (problem,) = caught.value.problems
    assert problem.field == f"params.{name}"
    assert says in problem.message
