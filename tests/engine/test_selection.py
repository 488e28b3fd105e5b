"""Parts of a flow: what is done, what is left out, and what an earlier run must have left."""

from __future__ import annotations

import pytest

from dix.engine.selection import choose_nodes
from dix.errors import BadValue, NotFound
from dix.flow.document import FlowDoc
from dix.flow.text import read_flow

FLOW = read_flow("""
dix: 1
name: f
nodes:
  rows: {kind: data, uri: rows}
  a: {kind: algorithm, algorithm: noop, inputs: {data: rows}}
  b: {kind: algorithm, algorithm: noop, inputs: {data: a}}
  side: {kind: algorithm, algorithm: noop, inputs: {data: rows}}
  c: {kind: algorithm, algorithm: evaluate, inputs: {data: b, more: side}}
  far: {kind: algorithm, algorithm: noop, inputs: {data: c}}
""")


def done(doc: FlowDoc = FLOW, **selection: str) -> tuple[set[str], set[str]]:
    """The nodes that are done, and those that are given."""
    chosen = choose_nodes(doc, selection)
    return set(doc.nodes) - set(chosen.skips) - chosen.given, set(chosen.given)


def test_without_a_selection_everything_is_done() -> None:
    assert done() == (set(FLOW.nodes), set())


def test_to_does_a_node_and_all_it_needs() -> None:
    assert done(to="b") == ({"rows", "a", "b"}, set())


def test_from_does_a_node_and_what_follows_and_other_branches_are_given() -> None:
    assert done(**{"from": "b"}) == ({"b", "c", "far"}, {"a", "side"})
    assert choose_nodes(FLOW, {"from": "b"}).skips == {"rows": "the run begins at b"}


def test_only_does_one_node() -> None:
    assert done(only="c") == ({"c"}, {"b", "side"})
    assert choose_nodes(FLOW, {"only": "c"}).skips["far"] == "the run does c only"


def test_a_data_node_that_is_needed_is_looked_at() -> None:
    assert done(only="a") == ({"rows", "a"}, set())


def test_from_and_to_do_what_lies_between() -> None:
    assert done(**{"from": "b", "to": "c"}) == ({"b", "c"}, {"a", "side"})
    assert choose_nodes(FLOW, {"from": "b", "to": "c"}).skips["far"] == "the run goes from b to c only"
    assert done(**{"from": "c", "to": "c"}) == done(only="c")


def test_ways_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(BadValue, match="to: expected far, or a node that takes from it, got 'b'"):
        choose_nodes(FLOW, {"from": "far", "to": "b"})
    with pytest.raises(BadValue, match="only: expected neither from nor to beside it"):
        choose_nodes(FLOW, {"only": "a", "to": "b"})


@pytest.mark.parametrize("way", ["from", "to", "only"])
def test_a_node_that_is_not_there_is_named_with_the_nearest(way: str) -> None:
    with pytest.raises(NotFound, match=r"no node row; did you mean rows\?"):
        choose_nodes(FLOW, {way: "row"})


def test_a_muted_node_is_skipped_and_never_given() -> None:
    doc = FLOW.model_copy(update={"nodes": FLOW.nodes | {"a": FLOW.nodes["a"].model_copy(update={"muted": True})}})
    assert done(doc, only="b") == ({"b"}, set())
    assert choose_nodes(doc, {"only": "b"}).skips["a"] == "it is muted"
