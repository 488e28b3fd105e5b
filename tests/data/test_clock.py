"""Times at even steps are recognised, whatever they are written as, and go on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dix.data.clock import Clock, find_clock, read_times, say_step, write_times
from dix.data.tensors import ColumnPlace
from dix.errors import BadData

PLACE = ColumnPlace("t.csv", "time", 10)


def read(values: list[Any], kind: Any = None) -> tuple[list[str], bool]:
    times, is_calendar = read_times(pa.array(values, kind), PLACE)
    return [str(time) for time in (times.astype("datetime64[us]") if is_calendar else times)], is_calendar


@pytest.mark.parametrize(
    "column",
    [
        ["2026-01-02", "2026-01-03"],
        [dt.date(2026, 1, 2), dt.date(2026, 1, 3)],
        [dt.datetime(2026, 1, 2, tzinfo=dt.UTC), dt.datetime(2026, 1, 3, tzinfo=dt.UTC)],
        ["2026-01-02T01:00:00+01:00", "2026-01-03 00:00:00"],
    ],
)
def test_dates_are_times_however_they_are_written(column: list[Any]) -> None:
    assert read(column) == (["2026-01-02T00:00:00.000000", "2026-01-03T00:00:00.000000"], True)


def test_whole_numbers_are_times() -> None:
    assert read([3, 4]) == (["3", "4"], False)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["2026-01-02", "soon"], "t.csv: column time, row 11: soon is no time; write it as 2026-11-28 06:00:00"),
        ([1, None], "t.csv: column time, row 11: there is no time"),
        ([1.5], "t.csv: column time, row 10: it holds double, a date, a time or a whole number was expected"),
    ],
)
def test_what_is_no_time_is_named(column: list[Any], message: str) -> None:
    with pytest.raises(BadData, match=message):
        read(column)


@pytest.mark.parametrize(
    ("times", "later"),
    [
        (["2026-01-01T00", "2026-01-01T06", "2026-01-01T12"], ["2026-01-01T18", "2026-01-02T00"]),
        (["2025-11-01", "2025-12-01", "2026-01-01"], ["2026-02-01", "2026-03-01"]),
        (["2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31"], ["2026-02-28", "2026-03-31"]),
        (["2023-05-15", "2024-05-15", "2025-05-15"], ["2026-05-15", "2027-05-15"]),
    ],
)
def test_hours_months_and_years_go_on(times: list[str], later: list[str]) -> None:
    given = np.array(times, dtype="datetime64[us]").astype(np.int64)
    clock = find_clock(given, is_calendar=True)
    assert isinstance(clock, Clock)
    gone_on = write_times(clock.go_on(int(given[-1]), 2), is_calendar=True)
    assert gone_on.to_numpy().tolist() == np.array(later, dtype="datetime64[us]").tolist()


def test_the_first_time_that_is_not_where_it_should_be_is_found() -> None:
    assert find_clock(np.array([0, 2, 4, 6, 10, 12]), is_calendar=False) == 4
    assert find_clock(np.array([0, 2, 4]), is_calendar=False) == Clock(False, 2)


def test_steps_are_said_in_words() -> None:
    assert say_step(2 * 3_600_000_000, is_calendar=True) == "2 hours"
    assert say_step(86_400_000_000, is_calendar=True) == "1 day"
    assert say_step(7, is_calendar=False) == "7"
