"""Cron's five fields: read once, then asked by arithmetic for the wall-clock times that they mean.

Nothing here knows of zones; times are naive, as on a clock on a wall. Days are matched as cron does: where day and
weekday are both given, either will do; where one of them begins with `*`, both must.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from dix.errors import BadValue
from dix.schedule.cron_fields import FIELDS, read_field

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
RULE = "minute, hour, day, month and weekday, as 0 6 * * MON-FRI, or one of " + ", ".join(MACROS)
FIRST_YEAR, LAST_YEAR = 1900, 2900
_LONGEST = 400
_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Cron:
    """What the fields allow, in order; weekdays count from Sunday, 0. `read_cron` makes one."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: tuple[int, ...]
    weekdays: frozenset[int]
    wants_both: bool

    def has_day(self, day: date) -> bool:
        """Whether it fires on this day at all."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_day and by_weekday) if self.wants_both else (by_day or by_weekday)

    def find_next(self, wall: datetime) -> datetime | None:
        """The first time after this one; None when there is none until the year 2900."""
        day = wall.date()
        if self.has_day(day):
            hour = bisect_left(self.hours, wall.hour)
            if hour < len(self.hours) and self.hours[hour] == wall.hour:
                minute = bisect_right(self.minutes, wall.minute)
                if minute < len(self.minutes):
                    return datetime(day.year, day.month, day.day, wall.hour, self.minutes[minute])  # noqa: DTZ001
                hour += 1
            if hour < len(self.hours):
                return datetime(day.year, day.month, day.day, self.hours[hour], self.minutes[0])  # noqa: DTZ001
        found = self._find_day_after(day)
        if found is None:
            return None
        return datetime(found.year, found.month, found.day, self.hours[0], self.minutes[0])  # noqa: DTZ001

    def find_last(self, wall: datetime) -> datetime | None:
        """The last time before this one; None when there is none since 1900."""
        day = wall.date()
        if self.has_day(day):
            hour = bisect_left(self.hours, wall.hour)
            if hour < len(self.hours) and self.hours[hour] == wall.hour:
                minute = bisect_left(self.minutes, wall.minute + (wall.second > 0 or wall.microsecond > 0))
                if minute > 0:
                    return datetime(day.year, day.month, day.day, wall.hour, self.minutes[minute - 1])  # noqa: DTZ001
            if hour > 0:
                return datetime(day.year, day.month, day.day, self.hours[hour - 1], self.minutes[-1])  # noqa: DTZ001
        found = self._find_day_before(day)
        if found is None:
            return None
        return datetime(found.year, found.month, found.day, self.hours[-1], self.minutes[-1])  # noqa: DTZ001

    def count_in_day(self) -> int:
        """How many times it has on each of its days."""
        return len(self.hours) * len(self.minutes)

    def count_until(self, wall: datetime) -> int:
        """How many of a day's times there are up to and with this one, on a day of its own."""
        hour = bisect_left(self.hours, wall.hour)
        is_in_hour = hour < len(self.hours) and self.hours[hour] == wall.hour
        return hour * len(self.minutes) + (bisect_right(self.minutes, wall.minute) if is_in_hour else 0)

    def _find_day_after(self, day: date) -> date | None:
        year, month, first = day.year, day.month, day.day + 1
        while year <= LAST_YEAR:
            if month in self.months:
                found = next(self._list_days(year, month, first, 1), None)
                if found is not None:
                    return found
            later = bisect_right(self.months, month)
            year, month = (year, self.months[later]) if later < len(self.months) else (year + 1, self.months[0])
            first = 1
        return None

    def _find_day_before(self, day: date) -> date | None:
        year, month, last = day.year, day.month, day.day - 1
        while year >= FIRST_YEAR:
            if month in self.months:
                found = next(self._list_days(year, month, last, -1), None)
                if found is not None:
                    return found
            earlier = bisect_left(self.months, month) - 1
            year, month = (year, self.months[earlier]) if earlier >= 0 else (year - 1, self.months[-1])
            last = 31
        return None

    def _list_days(self, year: int, month: int, begin: int, step: int) -> Iterator[date]:
        """The days of a month on which it fires, from one on, up or down."""
        weekday, length = monthrange(year, month)
        for day in range(begin, length + 1) if step > 0 else range(min(begin, length), 0, -1):
            by_day, by_weekday = day in self.days, (weekday + day) % 7 in self.weekdays
            if (by_day and by_weekday) if self.wants_both else (by_day or by_weekday):
                yield date(year, month, day)


@lru_cache(maxsize=20_000)
def read_cron(text: str) -> Cron:
    """What five fields, or a word as @daily, mean; raises BadValue, also for days that never come."""
    if len(text) > _LONGEST:
        raise BadValue("cron", RULE, f"{text[:60]} …")
    words = text.split()
    if len(words) == 1 and words[0].startswith("@"):
        if words[0].lower() not in MACROS:
            raise BadValue("cron", RULE, text)
        words = MACROS[words[0].lower()].split()
    if len(words) != len(FIELDS):
        todo = "there are no seconds and no years" if len(words) > len(FIELDS) else "* stands for every one"
        raise BadValue("cron", RULE, text, todo)
    minutes, hours, days, months, weekdays = (
        read_field(field, word) for field, word in zip(FIELDS, words, strict=True)
    )
    wants_both = words[2].startswith("*") or words[4].startswith("*")
    cron = Cron(minutes, hours, frozenset(days), months, frozenset(day % 7 for day in weekdays), wants_both)
    _check_possible(cron, text)
    return cron


def _check_possible(cron: Cron, text: str) -> None:
    """Of days that no month has, none comes; unless weekdays are given beside them."""
    if cron.wants_both and not any(min(cron.days) <= _MOST_DAYS[month - 1] for month in cron.months):
        longest = max(_MOST_DAYS[month - 1] for month in cron.months)
        expected = f"a day that comes: the months it names have at most {longest} days"
        raise BadValue("cron", expected, text)
