from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dix.schedule.cron import read_cron
from dix.schedule.timetable import Timetable
from dix.schedule.zones import read_zone

LINES = ("* * * * *", "*/15 2 * * *", "0 */3 * * MON", "30 0,1,2,23 * * *", "17 4 1-7 * SUN", "0 0 29 2 *")
ZONES = ("UTC", "Europe/Vienna", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "Asia/Kathmandu")


def make(line: str, zone: str = "UTC", **more: timedelta) -> Timetable:
    return Timetable(read_cron(line), read_zone(zone), **more)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


moments = st.integers(0, 20 * 365 * 86400).map(lambda second: at("2010-01-01") + timedelta(seconds=second))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(LINES), st.sampled_from(ZONES), moments, st.integers(0, 20))
def test_counting_is_making_each(line: str, zone: str, begin: datetime, days: int) -> None:
    timetable, end = make(line, zone), begin + timedelta(days=days, hours=7, minutes=11)
    made, moment = 0, timetable.find_next(begin)
    while moment is not None and moment <= end:
        made, moment = made + 1, timetable.find_next(moment)
    assert timetable.count(begin, end) == made


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(LINES), st.sampled_from(ZONES), moments)
def test_the_last_moment_and_the_next_are_neighbours(line: str, zone: str, moment: datetime) -> None:
    timetable = make(line, zone)
    last, following = timetable.find_last(moment), timetable.find_next(moment)
    assert last is not None
    assert following is not None
    assert last < moment < following
    between = timetable.find_next(last)
    assert between == (moment if timetable.find_last(following) == moment else following)


def test_ten_years_of_minutes_with_their_changes_of_the_clock_are_counted_by_days() -> None:
    years = at("2016-01-01"), at("2026-01-01")
    # Ten autumns in which sixty minutes come twice, and count once.
    assert make("* * * * *", "Europe/Vienna").count(*years) == make("* * * * *").count(*years) - 600


def test_a_data_interval_ends_where_its_run_begins() -> None:
    fires = list(islice(make("0 0 * * *", "America/New_York").list_fires(at("2026-03-07T12:00")), 3))
    assert [(fire.interval_start.hour, fire.interval_end.hour) for fire in fires] == [(5, 5), (5, 4), (4, 4)]
    assert all(fire.logical_date == fire.interval_start for fire in fires)
    assert [one.interval_end for one in fires][:-1] == [one.interval_start for one in fires][1:]


def test_an_interval_of_its_own_may_overlap() -> None:
    fires = islice(make("0 0 * * *", interval=timedelta(days=7)).list_fires(at("2026-01-09")), 2)
    assert [fire.logical_date.day for fire in fires] == [3, 4]


def test_jitter_is_always_the_same_and_never_reaches_the_next_moment() -> None:
    timetable = Timetable(read_cron("* * * * *"), read_zone("UTC"), jitter=timedelta(hours=1), name="nightly")
    fires = list(islice(timetable.list_fires(at("2026-01-01")), 500))
    assert fires == list(islice(timetable.list_fires(at("2026-01-01")), 500))
    assert all(one.interval_end <= one.due < other.interval_end for one, other in pairwise(fires))
    assert len({fire.due.second for fire in fires}) > 40
    other = Timetable(timetable.cron, timetable.zone, jitter=timetable.jitter, name="other")
    assert [one.due for one in islice(other.list_fires(at("2026-01-01")), 5)] != [one.due for one in fires[:5]]


def test_down_is_up_reversed() -> None:
    timetable = Timetable(read_cron("*/20 * * * *"), read_zone("Europe/Vienna"), jitter=timedelta(minutes=15), name="a")
    begin, end = at("2026-10-24T20:00"), at("2026-10-25T07:10")
    up = [fire for fire in islice(timetable.list_fires(begin), 100) if fire.due <= end]
    down = [fire for fire in islice(timetable.list_fires_down(end), 100) if fire.interval_end > begin]
    assert up == down[::-1]


@pytest.mark.parametrize("interval", [None, timedelta(0), timedelta(hours=5)])
def test_dates_of_a_range_are_those_with_their_logical_date_in_it(interval: timedelta | None) -> None:
    timetable = Timetable(read_cron("0 */2 * * *"), read_zone("UTC"), interval)
    dates = [fire.logical_date for fire in timetable.list_of_dates(at("2026-01-01T01:00"), at("2026-01-01T09:00"))]
    odd = interval == timedelta(hours=5)
    assert [date.hour for date in dates] == ([1, 3, 5, 7, 9] if odd else [2, 4, 6, 8])
