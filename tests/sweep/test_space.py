"""Spaces: what they hold, in which order, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from dix.errors import BadValue
from dix.flow.document import FlowDoc
from dix.flow.text import read_flow
from dix.sweep.drawing import draw_point
from dix.sweep.space import read_space
from dix.sweep.table import read_csv


@pytest.fixture
def flow() -> FlowDoc:
    return read_flow(
        "dix: 1\nname: f\nparams: {rate: 0.1, epochs: 3, kind: adam, momentum: 0.9, nested: []}\n"
        "nodes: {a: {kind: data, uri: x}}\n"
    )


SPACES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "every combination, the last one changing first": (
        {"rate": [0.1, 0.2], "epochs": "1..3 step 2"},
        [
            {"rate": 0.1, "epochs": 1},
            {"rate": 0.1, "epochs": 3},
            {"rate": 0.2, "epochs": 1},
            {"rate": 0.2, "epochs": 3},
        ],
    ),
    "conditions leave a parameter out, and each instance comes once": (
        {"momentum": {"float": [0.0, 0.2], "step": 0.1, "when": {"kind": "sgd"}}, "kind": ["adam", "sgd"]},
        [
            {"kind": "adam"},
            {"kind": "sgd", "momentum": 0.0},
            {"kind": "sgd", "momentum": 0.1},
            {"kind": "sgd", "momentum": 0.2},
        ],
    ),
    "whole numbers between two": ({"epochs": {"int": [2, 4]}}, [{"epochs": 2}, {"epochs": 3}, {"epochs": 4}]),
    "tune's words": ({"epochs": {"randint": [2, 4]}}, [{"epochs": 2}, {"epochs": 3}]),
    "a range that goes down": ({"rate": "0.3..0.1 step -0.1"}, [{"rate": 0.3}, {"rate": 0.2}, {"rate": 0.1}]),
    "one value": ({"kind": "sgd"}, [{"kind": "sgd"}]),
    "lists as values": ({"nested": {"choice": [[1], [1, 2]]}}, [{"nested": [1]}, {"nested": [1, 2]}]),
}


@pytest.mark.parametrize("name", SPACES)
def test_a_grid_holds(flow: FlowDoc, name: str) -> None:
    given, expected = SPACES[name]
    space = read_space(given, flow)
    assert list(space.list_all()) == expected
    assert space.count() == len(expected)
    assert all(space.has(point) for point in expected)


def test_points_are_drawn_inside_and_on_steps(flow: FlowDoc) -> None:
    space = read_space(
        {
            "rate": {"loguniform": [0.001, 1.0]},
            "epochs": {"int": [1, 9], "log": True},
            "kind": ["adam", "sgd"],
            "momentum": {"quniform": [0.1, 0.5, 0.1], "when": {"kind": ["sgd"]}},
        },
        flow,
    )
    points = [draw_point(space, 5, number) for number in range(200)]
    assert all(space.has(point) for point in points)
    assert {point["epochs"] for point in points} == set(range(1, 10))
    assert {point.get("momentum") for point in points} == {None, 0.1, 0.2, 0.3, 0.4, 0.5}
    assert sum(point["rate"] < 0.03 for point in points) > 60
    assert draw_point(space, 5, 7) == points[7]


WRONG: dict[str, dict[str, Any]] = {
    "space: expected at least one parameter": {},
    "space.rat: expected a parameter of the flow.*did you mean rate": {"rat": [0.1]},
    "space.rate: expected a space with a member": {"rate": {"float": [1.0, 0.1]}},
    "space.rate: expected bounds above 0 for logarithms": {"rate": {"loguniform": [0.0, 1.0]}},
    "space.rate: expected bounds that are numbers": {"rate": {"float": [0.0, "a"]}},
    r"space.rate: expected \[low, high\] of numbers": {"rate": {"float": [0.0]}},
    "space.rate.step: expected a number above 0": {"rate": {"float": [0.0, 1.0], "step": 0.0}},
    "space.epochs: expected a whole number": {"epochs": {"float": [1.0, 2.0]}},
    "space.epochs: expected at least one value": {"epochs": []},
    "space.epochs: expected each value once": {"epochs": [1, 1]},
    "space.epochs: expected a range such as": {"epochs": "1.."},
    "space.epochs: expected at most 10,000 values, got '1,000,000,001'": {"epochs": "0..1e9"},
    "space.kind: expected one of .*did you mean choice": {"kind": {"choise": ["a"]}},
    "space.kind.step: expected it beside int or float": {"kind": {"choice": ["a"], "step": 1}},
    "space.momentum.when: expected another parameter of the space": {"momentum": {"value": 0.1, "when": {"kid": "a"}}},
    "space.momentum.when: expected a value that kind may have": {
        "momentum": {"value": 0.1, "when": {"kind": "b"}},
        "kind": ["a"],
    },
    "space: expected conditions that do not go in a circle": {
        "momentum": {"value": 0.1, "when": {"rate": 0.1}},
        "rate": {"value": 0.1, "when": {"momentum": 0.1}},
    },
}


@pytest.mark.parametrize("sentence", WRONG)
def test_a_space_that_cannot_be_is_refused(flow: FlowDoc, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        read_space(WRONG[sentence], flow)


def test_a_large_space_is_counted_and_not_made(flow: FlowDoc) -> None:
    assert (
        read_space({"epochs": "1..10000", "rate": {"float": [0.0, 1.0], "step": 0.0001}}, flow).count() == 100_010_000
    )


def test_rows_of_csv_are_what_the_parameters_are(flow: FlowDoc) -> None:
    text = 'epochs,kind,rate\n3,"a,b",1e-3\n\n4,007,\n'
    assert read_csv(text, flow) == ({"epochs": 3, "kind": "a,b", "rate": 0.001}, {"epochs": 4, "kind": "007"})


CSV = {
    "csv: expected a line of parameter names": "epochs\n",
    "csv: expected parameters of the flow, got 'epoch'; did you mean epochs": "epoch\n1\n",
    "csv: expected each parameter once": "epochs,epochs\n1,2\n",
    "csv line 3: expected 2 cells": "epochs,kind\n1,a\n2\n",
    "csv line 2.epochs: expected a whole number": "epochs\nmany\n",
    "csv: expected a table": 'epochs\n"1\n',
}


@pytest.mark.parametrize("sentence", CSV)
def test_a_table_that_cannot_be_is_refused_with_its_line(flow: FlowDoc, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        read_csv(CSV[sentence], flow)
