from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dix.errors import BadValue
from dix.schedule.zones import read_zone, to_moment


def moment(zone: str, wall: str) -> str:
    return to_moment(datetime.fromisoformat(wall), read_zone(zone)).astimezone(UTC).strftime("%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Vienna", "2026-03-29T02:30", "03-29T01:00"),  # there is no such time: the first moment after
        ("Europe/Vienna", "2026-10-25T02:30", "10-25T00:30"),  # there are two: the first
        ("Australia/Lord_Howe", "2026-10-04T02:15", "10-03T15:30"),  # a gap of half an hour
        ("Australia/Lord_Howe", "2026-04-05T01:45", "04-04T14:45"),
        ("Asia/Kathmandu", "2026-01-01T06:00", "01-01T00:15"),
        ("Pacific/Apia", "2011-12-30T12:00", "12-30T10:00"),  # a day that was left out
        ("UTC", "2026-03-29T02:30", "03-29T02:30"),
    ],
)
def test_wall_clock_times_mean_moments(zone: str, wall: str, expected: str) -> None:
    assert moment(zone, wall) == expected


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Europe/Viena", "Europe/Vienna"),
        ("vienna", "Europe/Vienna"),
        ("america/new york", "America/New_York"),
        ("Asia/Calcuta", "Asia/Calcutta"),
    ],
)
def test_unknown_zone_names_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(BadValue, match=rf"time zone.*did you mean {nearest}\?"):
        read_zone(name)


@pytest.mark.parametrize("name", ["", "../etc/passwd", "/etc/passwd", "zzzzzzzzz", "x" * 10_000, "\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(BadValue, match="the IANA name of a time zone"):
        read_zone(name)
