"""Recipes are compared by all of their parts."""

from __future__ import annotations

from dix.records.recipe import Recipe, make_key


def test_equal_parts_have_one_digest_in_whatever_order_they_came() -> None:
    assert Recipe({"a": 1, "b": [1, 2]}).digest == Recipe({"b": [1, 2], "a": 1}).digest


def test_any_difference_is_another_digest() -> None:
    digests = {Recipe(parts).digest for parts in ({"a": 1}, {"a": 1.0}, {"a": "1"}, {"a": True}, {"b": 1}, {})}
    assert len(digests) == 6


def test_a_key_fits_into_64_bits() -> None:
    assert make_key("f" * 64) == -1
    assert make_key("7" + "f" * 63) == 2**63 - 1
