"""Cursors of lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.catalog.cursors import check_limit, make_cursor, make_page, read_cursor
from dix.errors import BadValue


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.text())
def test_cursor_comes_back_and_can_stand_in_an_address(number: int, text: str) -> None:
    cursor = make_cursor((number, text))
    assert read_cursor(cursor, int, str) == (number, text)
    assert cursor.isascii()
    assert not set(cursor) & set("/+=&?% ")


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_cursor(text, int, str, int)


def test_cursor_of_another_list_is_refused() -> None:
    for key in ((1,), (1, 2), ("a", 1), (True, "a"), (2**63, "a"), (1.5, "a")):
        with pytest.raises(BadValue, match="next_cursor"):
            read_cursor(make_cursor(key), int, str)  # type: ignore[arg-type]


def test_page_ends_with_a_cursor_only_where_more_follows() -> None:
    full = make_page(["a", "b", "c"], [(1,), (2,), (3,)], 2)
    assert full.items == ("a", "b")
    assert read_cursor(full.next_cursor or "", int) == (2,)
    assert make_page(["a", "b"], [(1,), (2,)], 2).next_cursor is None
    assert make_page([], [], 2).items == ()


def test_limit_is_checked() -> None:
    assert check_limit(1) == 1
    for wrong in (0, 1001):
        with pytest.raises(BadValue, match="1 to 1000"):
            check_limit(wrong)
