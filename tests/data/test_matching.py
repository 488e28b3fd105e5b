"""A model that knows no columns takes those of its names, or all numbers in their order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dix.data.bulk import WantedTensor
from dix.data.matching import find_columns
from dix.errors import BadData
from dix.store.store import Store

ROWS = b"name,width,height,kind\na,1,2.5,x\nb,3,4,y\n"
PAIR = WantedTensor("input_layer", "input_layer", "float32", (2,))


def test_names_come_first(store: Store) -> None:
    store.write_bytes("rows.csv", ROWS)
    named = (WantedTensor("width", "width", "float32", ()), WantedTensor("height", "height", "float32", ()))
    assert find_columns(store, "rows.csv", named) == named


def test_all_numbers_in_their_order_are_the_only_input(store: Store) -> None:
    store.write_bytes("rows.csv", ROWS)
    (found,) = find_columns(store, "rows.csv", (PAIR,))
    assert found.sources == ("width", "height")


@pytest.mark.parametrize("shape", [(3,), (-1,)])
def test_what_does_not_match_is_said(store: Store, shape: tuple[int, ...]) -> None:
    store.write_bytes("rows.csv", ROWS)
    said = (
        r"the model takes input_layer \((3|any) numbers\), and the table has other names and 2 columns of numbers "
        r"\(width, height\); name the columns so, or leave as many columns of numbers"
    )
    with pytest.raises(BadData, match=said):
        find_columns(store, "rows.csv", (replace(PAIR, shape=shape),))


def test_files_are_no_table(store: Store) -> None:
    store.write_bytes("notes/a.txt", b"words")
    assert find_columns(store, "notes", (PAIR,)) == (PAIR,)
