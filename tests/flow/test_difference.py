"""What is different between two documents."""

from __future__ import annotations

from dix.flow.difference import Difference, Kind, compare_flows
from dix.flow.text import read_flow

TEXT = """\
dix: 1
name: digits
params: {rate: 0.01, on: true}
nodes:
  rows: {kind: data, uri: a/b}
  cnn:
    kind: algorithm
    algorithm: cnn
    inputs: {train: rows}
    params: {epochs: 3, "x y": 1} # not read
    resources: {memory: 1GiB}
""".replace(', "x y": 1', "")


def compare(*changes: tuple[str, str]) -> tuple[Difference, ...]:
    changed = TEXT
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new)
    return compare_flows(read_flow(TEXT), read_flow(changed))


def test_another_way_of_writing_is_no_difference() -> None:
    assert compare(("1GiB", "1024Mi"), ("0.01", "1e-2"), ("# not read", "")) == ()


def test_a_parameter_of_a_node_is_named_with_its_values() -> None:
    assert compare(("epochs: 3", "epochs: 5")) == (Difference("cnn", "params.epochs", Kind.CHANGED, 3, 5),)
    assert compare(("epochs: 3", "epochs: 3, seed: 1")) == (Difference("cnn", "params.seed", Kind.ADDED, after=1),)
    assert compare(("    resources: {memory: 1GiB}\n", "")) == (
        Difference("cnn", "resources", Kind.REMOVED, before={"memory": 2**30}),
    )


def test_true_one_and_one_point_nought_are_three_values() -> None:
    assert [one.field for one in compare(("on: true", "on: 1"))] == ["params.on"]
    assert [one.field for one in compare(("epochs: 3", "epochs: 3.0"))] == ["params.epochs"]


def test_nodes_come_and_go_whole_and_the_flow_comes_first() -> None:
    found = compare(
        ("rows", "images"), ("0.01", "0.1"), ("name: digits", "name: digits\nlayout: {nodes: {images: [1, 2]}}")
    )
    assert [(one.node, one.field, one.kind) for one in found] == [
        (None, "params.rate", Kind.CHANGED),
        (None, "layout", Kind.ADDED),
        ("rows", None, Kind.REMOVED),
        ("cnn", "inputs.train", Kind.CHANGED),
        ("images", None, Kind.ADDED),
    ]
    assert found[2].before == {"kind": "data", "uri": "a/b"}
