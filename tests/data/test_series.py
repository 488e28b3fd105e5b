"""Series are read out of a table in the order of time, and what is wrong names series, column and row."""

from __future__ import annotations

import pytest

from dix.data.series import SeriesOptions, read_series
from dix.errors import BadData
from dix.store.store import Store

OPTIONS = SeriesOptions("time", "town", ("load",), past=("rain",), known=("holiday",))
HEAD = "time,town,load,rain,holiday\n"


def read(store: Store, text: str, options: SeriesOptions = OPTIONS, *, ahead: bool = False) -> list:
    store.write_bytes("t.csv", (HEAD + text).encode())
    return read_series(store, "t.csv", options, ahead=ahead)


def test_rows_are_sorted_into_series(store: Store) -> None:
    a, b = read(store, "2,b,5,0,1\n1,a,1,0,0\n1,b,4,0,0\n2,a,2,1,0\n3,b,6,0,0\n")
    assert (a.name, a.times.tolist(), a.numbers.tolist()) == ("a", [1, 2], [[1, 0, 0], [2, 1, 0]])
    assert (b.name, b.numbers[:, 0].tolist(), b.steps) == ("b", [4, 5, 6], 3)


def test_rows_without_values_lie_ahead(store: Store) -> None:
    text = "1,a,1,0,0\n2,a,2,1,0\n3,a,,,1\n"
    (one,) = read(store, text, ahead=True)
    assert (one.steps, len(one.times), one.numbers[2, 2]) == (2, 3, 1)
    with pytest.raises(BadData, match=r"t\.csv: series a, column load, row 2: a value is missing"):
        read(store, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,a,1,0,0\n2,a,,0,0\n3,a,3,0,0\n", "series a, column load, row 1: a value is missing; fill it in"),
        ("1,a,1,0,0\n2,a,2,nan,0\n3,a,3,0,0\n", "series a, column rain, row 1: a value is missing"),
        ("1,a,1,0,0\n2,a,2,0,\n3,a,,,\n", "series a, column holiday, row 1: a value is missing"),
        ("1,a,1,0,0\n1,b,2,0,0\n1,a,3,0,0\n", "series a, column time, row 2: the time 1 is there twice"),
        ("1,a,1,0,0\n2,a,2,0,0\n3,a,2,0,0\n5,a,3,0,0\n", "row 3: 5 comes after 3, but the usual step is 1; fill in"),
        ("1,a,1,0,0\n2,a,2,0,0\n3,b,2,0,0\n", "series b, column time, row 2: it has one row only"),
        ("1,a,1,0,0\n2,a,x,0,0\n", "column load, row 0: it holds string, a number was expected"),
    ],
)
def test_what_is_wrong_names_series_column_and_row(store: Store, text: str, message: str) -> None:
    with pytest.raises(BadData, match=message):
        read(store, text, ahead=True)


def test_without_a_series_column_times_that_come_twice_say_what_to_do(store: Store) -> None:
    with pytest.raises(BadData, match=r"t\.csv: column time, row 1: the time 1 is there twice; name the column"):
        read(store, "1,a,1,0,0\n1,b,2,0,0\n", SeriesOptions("time", None, ("load",)))


def test_hours_that_are_missing_are_named(store: Store) -> None:
    rows = "".join(f"2026-01-01 0{hour}:00:00,a,1,0,0\n" for hour in (0, 1, 2, 4))
    message = "row 3: 2026-01-01 04:00:00 comes after 2026-01-01 02:00:00, but the usual step is 1 hour"
    with pytest.raises(BadData, match=message):
        read(store, rows)


def test_what_is_no_table_is_refused(store: Store) -> None:
    store.write_bytes("in/a.txt", b"once upon a time")
    with pytest.raises(BadData, match="it is text; a forecast takes a table"):
        read_series(store, "in", OPTIONS)
