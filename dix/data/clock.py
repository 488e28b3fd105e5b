"""Times at even steps: read from a column, looked over, gone on with, and written again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dix.data.scalars import holds_texts
from dix.data.tensors import ColumnPlace

_DAY_US = 86_400_000_000
_STEPS = {"day": _DAY_US, "hour": _DAY_US // 24, "minute": _DAY_US // 1440, "second": _DAY_US // 86_400}


@dataclass(frozen=True, slots=True)
class Clock:
    """How times go on: each `step` (microseconds, or a number's difference), or each `months` on the same day.

    `is_calendar` says that times are microseconds since 1970, not plain whole numbers.
    """

    is_calendar: bool
    step: int
    months: int = 0

    def go_on(self, last: int, count: int) -> NDArray[np.int64]:
        """The `count` times after `last`."""
        if not self.months:
            return last + self.step * np.arange(1, count + 1, dtype=np.int64)
        # A month's end is the day before the beginning of the next one.
        from_start = 0 if self.step == 0 else _DAY_US
        month = np.datetime64(last + from_start, "us").astype("datetime64[M]")
        rest = last + from_start - month.astype("datetime64[us]").astype(np.int64)
        later = (month + self.months * np.arange(1, count + 1)).astype("datetime64[us]").astype(np.int64)
        return np.asarray(later + rest - from_start, np.int64)


def read_times(column: Any, place: ColumnPlace) -> tuple[NDArray[np.int64], bool]:
    """A column of times as whole numbers, and whether these are microseconds since 1970.

    Dates, timestamps, texts in ISO 8601 and whole numbers are times. Raises BadData naming the row for other ones.
    """
    if column.null_count:
        row = int(pc.index(pc.is_null(column), value=True).as_py())
        raise place.complain(row, "there is no time", "fill it in, or leave the row out")
    kind = column.type
    if holds_texts(kind):
        return _parse_times(column, place), True
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return np.asarray(column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_numpy()), True
    if pa.types.is_integer(kind):
        return np.asarray(column.cast(pa.int64()).to_numpy()), False
    raise place.complain(0, f"it holds {kind}, a date, a time or a whole number was expected")


def find_clock(times: NDArray[np.int64], *, is_calendar: bool) -> Clock | int:
    """The clock of times that rise (two or more); the place of the first that is not where it should be otherwise."""
    steps = np.diff(times)
    usual = int(np.median(steps))
    if (steps == usual).all():
        return Clock(is_calendar, usual)
    if is_calendar:
        for step in (0, 1):
            months = _count_months(times + step * _DAY_US)
            if months:
                return Clock(True, step, months)
    return int(np.flatnonzero(steps != usual)[0]) + 1


def write_times(times: NDArray[np.int64], *, is_calendar: bool) -> Any:
    """A column of a table."""
    return pa.array(times, pa.int64()).cast(pa.timestamp("us")) if is_calendar else pa.array(times, pa.int64())


def say_time(time: int, *, is_calendar: bool) -> str:
    """One time in words: `2026-11-28 06:00:00`, or the number."""
    return str(np.datetime64(int(time), "us").astype("datetime64[s]")).replace("T", " ") if is_calendar else str(time)


def say_step(step: int, *, is_calendar: bool) -> str:
    """A difference in words: `2 hours`, or the number."""
    if is_calendar:
        for name, size in _STEPS.items():
            if step % size == 0:
                count = step // size
                return f"{count} {name}s" if count != 1 else f"1 {name}"
        return f"{step / 1e6} seconds"
    return str(step)


def _parse_times(column: Any, place: ColumnPlace) -> NDArray[np.int64]:
    texts = pd.Series(column.cast(pa.string()).to_numpy(zero_copy_only=False))
    parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    wrong = np.flatnonzero(parsed.isna())
    if len(wrong):
        row = int(wrong[0])
        raise place.complain(row, f"{texts[row]} is no time", "write it as 2026-11-28 06:00:00")
    return np.asarray(parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64))


def _count_months(times: NDArray[np.int64]) -> int:
    """By how many months they rise, all on the same day and at the same time of it; 0 where they do not."""
    moments = times.astype("datetime64[us]")
    months = moments.astype("datetime64[M]")
    rests = (moments - months.astype("datetime64[us]")).astype(np.int64)
    steps = np.diff(months.astype(np.int64))
    return int(steps[0]) if (rests == rests[0]).all() and (steps == steps[0]).all() else 0
