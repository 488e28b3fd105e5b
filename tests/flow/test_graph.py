"""Edges, order and cycles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.errors import BadDocument
from dix.flow.document import FlowDoc
from dix.flow.graph import Edge, edges, find_cycles, predecessors, reachable, successors, topological_order
from dix.flow.spec import AlgorithmSpecs


def flow(nodes: dict[str, Any]) -> FlowDoc:
    return FlowDoc.model_validate({"dix": 1, "name": "f", "nodes": nodes})


def chain(**needs: str) -> FlowDoc:
    """Nodes that need others: `b="a c"`."""
    return flow(
        {
            name: {"kind": "algorithm", "algorithm": "join", "inputs": {f"p{i}": each for i, each in enumerate(texts)}}
            for name, texts in ((name, text.split()) for name, text in needs.items())
        }
    )


def test_a_circle_that_names_a_node_has_an_edge_from_its_flask(specs: AlgorithmSpecs) -> None:
    doc = flow(
        {
            "train_set": {"kind": "data", "uri": "a"},
            "cnn": {"kind": "algorithm", "algorithm": "cnn", "framework": "torch", "inputs": {"train": "train_set"}},
            "score": {"kind": "model", "model": "cnn", "inputs": {"data": "train_set.data"}},
            "old": {"kind": "model", "model": "models:/digits/3", "inputs": {"data": "gone"}},
        }
    )
    assert edges(doc) == (
        Edge("train_set", None, "cnn", "train"),
        Edge("cnn", "model", "score", "model"),
        Edge("train_set", "data", "score", "data"),
    )
    assert edges(doc, specs)[0] == Edge("train_set", "data", "cnn", "train")


def test_the_order_is_the_documents_own_where_it_may_be() -> None:
    assert topological_order(chain(d="", a="c", c="", b="d")) == ("d", "c", "a", "b")


def test_a_cycle_is_named_once_and_a_short_way_round() -> None:
    doc = chain(x="", a="c x", b="a", c="b a", d="c", e="e")
    assert find_cycles(doc) == (("a", "c", "a"), ("e", "e"))
    with pytest.raises(BadDocument) as caught:
        topological_order(doc)
    assert [problem.rule for problem in caught.value.problems] == ["cycle", "cycle"]
    assert "a → c → a is a cycle" in caught.value.problems[0].message


def test_ten_thousand_nodes_in_a_ring_are_told_shortly() -> None:
    doc = chain(**{f"n{i}": f"n{(i + 1) % 10_000}" for i in range(10_000)})
    with pytest.raises(BadDocument) as caught:
        topological_order(doc)
    (problem,) = caught.value.problems
    assert len(problem.message) < 300
    assert "more)" in problem.message


def test_ten_thousand_nodes_in_a_row_are_ordered() -> None:
    doc = chain(**{f"n{i}": f"n{i + 1}" if i < 9_999 else "" for i in range(10_000)})
    assert topological_order(doc) == tuple(f"n{i}" for i in range(9_999, -1, -1))


def test_what_a_node_reaches_includes_itself() -> None:
    doc = chain(a="", b="a", c="b", d="")
    assert reachable(successors(doc), ["b"]) == {"b", "c"}
    assert reachable(predecessors(doc), ["b"]) == {"a", "b"}


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_a_flow_has_an_order_or_a_cycle(pairs: list[tuple[int, int]]) -> None:
    needs: dict[str, set[str]] = {f"n{i}": set() for i in range(8)}
    for target, source in pairs:
        needs[f"n{target}"].add(f"n{source}")
    doc = chain(**{name: " ".join(sorted(sources)) for name, sources in needs.items()})
    cycles = find_cycles(doc)
    for cycle in cycles:
        assert cycle[0] == cycle[-1]
        assert all(target in successors(doc)[source] for source, target in pairwise(cycle))
    if cycles:
        with pytest.raises(BadDocument):
            topological_order(doc)
        return
    place = {name: index for index, name in enumerate(topological_order(doc))}
    assert len(place) == 8
    assert all(place[source] < place[name] for name, sources in needs.items() for source in sources)
