"""Bad rows are found between good ones, counted, and too many of them end the step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.data.bad_rows import BadRows, read_usable
from dix.errors import BadData


def read_between(bad: set[int]) -> object:
    def read(start: int, stop: int) -> list[int]:
        for row in range(start, stop):
            if row in bad:
                raise BadData("f.csv", f"row {row} is bad")
        return list(range(start, stop))

    return read


@given(st.integers(0, 60), st.sets(st.integers(0, 59)))
def test_exactly_the_bad_rows_are_left_out(rows: int, bad: set[int]) -> None:
    bad_rows = BadRows(1.0)
    pieces = list(read_usable(read_between(bad), rows, bad_rows))
    assert [row for _, _, piece in pieces for row in piece] == [row for row in range(rows) if row not in bad]
    assert bad_rows.count == len([row for row in bad if row < rows])
    for start, stop, piece in pieces:
        assert piece == list(range(start, stop))


def test_the_first_few_are_named_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    bad_rows = BadRows(0.5)
    list(read_usable(read_between(set(range(7))), 20, bad_rows))
    assert bad_rows.finish("data", 20) == {"bad_rows": 7}
    said = capsys.readouterr().out
    assert "left out: f.csv: row 0 is bad\n" in said
    assert "left out: 2 more\n" in said


def test_too_many_are_said_with_the_first_of_them() -> None:
    bad_rows = BadRows(0.1)
    list(read_usable(read_between({3, 5, 6}), 20, bad_rows))
    with pytest.raises(BadData) as caught:
        bad_rows.finish("data", 20)
    assert str(caught.value) == (
        "data: 3 of 20 cannot be used, 15.00%, and bad_rows allows 10.00%; the first: f.csv: row 3 is bad"
    )


def test_none_is_left_out_unless_asked_for() -> None:
    with pytest.raises(BadData, match="row 3 is bad"):
        list(read_usable(read_between({3}), 20, BadRows()))
    assert BadRows().finish("data", 20) == {}
