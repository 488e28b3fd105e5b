"""Thousands of random cron lines in a hundred zones over years, against cronsim, which follows Debian's cron.

Where we differ from it is written down here as rules, each with its reason; any other difference fails.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from cronsim import CronSim, CronSimError

from dix.errors import BadValue
from dix.schedule.cron import read_cron
from dix.schedule.timetable import Timetable

# Half-hour steps, half-hour zones, changes at midnight, a day that was left out, two hours at once, none at all.
_PECULIAR = (
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Europe/Dublin",
    "Europe/London",
    "Europe/Vienna",
    "America/New_York",
    "America/Asuncion",
    "Asia/Pyongyang",
    "UTC",
)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LINES, _ZONES, _FIRES = 4000, 100, 60
_MINUTE = timedelta(minutes=1)


def _choose_zones(chance: random.Random) -> list[str]:
    others = sorted(name for name in available_timezones() if "/" in name and name not in _PECULIAR)
    return [*_PECULIAR, *chance.sample(others, _ZONES - len(_PECULIAR))]


def _choose_moment(chance: random.Random, zone: ZoneInfo) -> datetime:
    """Any of twenty years; every second time, if clocks are changed there within a year, the day before that."""
    moment = datetime(2011, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(20 * 365 * 86400))
    if chance.random() < 0.5:
        return moment
    days = [moment + timedelta(days=day) for day in range(366)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    changes = [day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]
    return chance.choice(changes) if changes else moment


def _make_field(chance: random.Random, least: int, most: int, names: tuple[str, ...] = ()) -> str:
    def number() -> str:
        drawn = chance.randint(least, most)
        return names[drawn - least] if names and chance.random() < 0.3 and drawn - least < len(names) else str(drawn)

    def span() -> str:
        # Never of one number: with a step, cronsim reads 7-7/23 as 7/23, and goes on beyond the end of the range.
        begin, end = sorted(chance.sample(range(least, most + 1), 2))
        return f"{begin}-{end}"

    kinds = (
        lambda: "*",
        lambda: f"*/{chance.randint(1, most)}",
        number,
        span,
        lambda: f"{span()}/{chance.randint(1, most)}",
        lambda: f"{chance.randint(least, most)}/{chance.randint(1, most)}",
        lambda: f"{number()},{span()},{number()}",
    )
    return chance.choices(kinds, weights=(8, 3, 6, 3, 1, 1, 2))[0]()


def _make_line(chance: random.Random) -> str:
    fields = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 7, _WEEKDAYS))
    return " ".join(_make_field(chance, least, most, names) for least, most, names in fields)


def _list_theirs(line: str, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    for found in CronSim(line, moment.astimezone(zone)):
        yield found.astimezone(UTC)


def _is_second_time(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).fold == 1


def _ends_gap(moment: datetime, zone: ZoneInfo) -> bool:
    before, after = (one.astimezone(zone).utcoffset() for one in (moment - _MINUTE, moment))
    return before is not None and after is not None and before < after


def _explain(moment: datetime, zone: ZoneInfo, line: str, *, is_ours: bool) -> str | None:
    """The rule by which only one of us fires at a moment; None when there is none."""
    runs_through = any(field.startswith("*") for field in line.split()[:2])
    if not is_ours and runs_through and _is_second_time(moment, zone):
        # Debian lets a line whose minute or hour begins with * fire through both passes of a repeated hour; for us a
        # wall-clock time is one instance, whichever line names it, so it is the first pass.
        return "a repeated time fires once"
    if is_ours and runs_through and _ends_gap(moment, zone):
        # Debian lets such a line fire on the minutes that there are; for us, a time that is skipped fires at the end of
        # the gap, so that a day never has fewer instances because its line says * instead of 0-59.
        return "a skipped time fires at the end of the gap"
    if runs_through and _has_odd_change(moment, zone) and is_ours == _means(moment, zone, line):
        # cronsim goes through such a line in steps of whole hours, and where clocks move by a part of an hour that day
        # it leaves out the first minutes of the hour it comes to; what the fields say, minute by minute, decides.
        return "whole-hour steps over a change of a part of an hour"
    if runs_through and _begins_in_gap(moment, zone) and is_ours == _means(moment, zone, line):
        # cronsim begins each day at its midnight, and where that is skipped goes on an hour too late.
        return "a day that has no midnight"
    return None


def _begins_in_gap(moment: datetime, zone: ZoneInfo) -> bool:
    midnight = moment.astimezone(zone).replace(hour=0, minute=0, second=0, fold=0)
    return midnight.astimezone(UTC).astimezone(zone).hour != 0


def _has_odd_change(moment: datetime, zone: ZoneInfo) -> bool:
    offsets = [(moment + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in (-25, 25)]
    return (offsets[1] - offsets[0]) % timedelta(hours=1) != timedelta(0)


def _means(moment: datetime, zone: ZoneInfo, line: str) -> bool:
    """Whether the wall clock shows what the fields, as cronsim reads them, ask for."""
    fields, wall = CronSim(line, moment), moment.astimezone(zone)
    is_time = wall.minute in fields.minutes and wall.hour in fields.hours and wall.month in fields.months
    return is_time and fields.match_day(wall.date())


def test_random_lines_fire_when_an_independent_library_says() -> None:
    chance = random.Random(6)
    zones, explained, compared = _choose_zones(chance), Counter[str](), 0
    while compared < _LINES:
        line, name = _make_line(chance), chance.choice(zones)
        zone = ZoneInfo(name)
        moment = _choose_moment(chance, zone)
        try:
            theirs = list(islice(_list_theirs(line, moment, zone), _FIRES))
        except CronSimError:
            with pytest.raises(BadValue):
                read_cron(line)
            continue
        compared += 1
        if not theirs:
            continue
        fires = Timetable(read_cron(line), zone).list_fires(moment)
        ours = [fire.interval_end for fire in takewhile(lambda fire, end=theirs[-1]: fire.interval_end <= end, fires)]
        for odd in set(ours) ^ set(theirs):
            rule = _explain(odd, zone, line, is_ours=odd in ours)
            assert rule is not None, (
                f"{line!r} in {name} at {odd} ({'ours' if odd in ours else 'theirs'}) after {moment}"
            )
            explained[rule] += 1
        assert ours == sorted(set(ours)), f"{line!r} in {name} fires twice at one moment after {moment}"
    assert min(explained.values()) > 20, f"the rules were hardly tried: {explained}"
