"""Places of nodes: from left to right, each where nobody else is."""

from __future__ import annotations

import itertools

from dix.client.pictures.layers import COLUMN_GAP, place_nodes

NAMES = ["images", "parts", "cnn", "new_images", "score"]
LINKS = [("images", "parts"), ("parts", "cnn"), ("cnn", "score"), ("new_images", "score")]


def test_a_node_lies_right_of_what_it_needs() -> None:
    places = place_nodes(NAMES, LINKS)
    assert all(places[source][0] < places[target][0] for source, target in LINKS)


def test_no_two_nodes_lie_on_each_other() -> None:
    assert len(set(place_nodes(NAMES, LINKS).values())) == len(NAMES)


def test_data_lies_just_left_of_what_needs_it() -> None:
    places = place_nodes(NAMES, LINKS)
    assert places["score"][0] - places["new_images"][0] == COLUMN_GAP


def test_a_node_alone_and_no_node_at_all() -> None:
    assert place_nodes(["a"], []) == {"a": (0.0, 0.0)}
    assert place_nodes([], []) == {}


def test_a_long_chain_is_placed_without_recursion() -> None:
    names = [f"n{i}" for i in range(5000)]
    places = place_nodes(names, list(itertools.pairwise(names)))
    assert places["n4999"] == (4999 * COLUMN_GAP, 0.0)
