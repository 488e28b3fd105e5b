from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dix.errors import BadValue
from dix.schedule.cron import MACROS, read_cron


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("line", "after", "expected"),
    [
        ("* * * * *", "2026-01-31T23:59:30", "2026-02-01T00:00"),
        ("30 6 * * MON-FRI", "2026-11-27T06:30", "2026-11-30T06:30"),
        ("0 0 * JAN,jul *", "2026-01-31T00:00", "2026-07-01T00:00"),
        ("5/20 8-9 * * *", "2026-01-01T08:45", "2026-01-01T09:05"),
        ("7-7/23 * * * *", "2026-01-01T08:07", "2026-01-01T09:07"),
        ("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00"),
        ("0 0 13 * 5", "2026-11-01T00:00", "2026-11-06T00:00"),  # either will do: the first Friday
        ("0 0 */2 * 5", "2026-11-01T00:00", "2026-11-13T00:00"),  # begins with *, so both must: an odd Friday
        ("0 0 * * 7", "2026-11-27T00:00", "2026-11-29T00:00"),
        ("0 0 * * 5-7", "2026-11-29T00:00", "2026-12-04T00:00"),
        ("0 0 * * FRI-SUN", "2026-11-28T00:00", "2026-11-29T00:00"),
    ],
)
def test_next_time_is_the_first_one_that_all_fields_allow(line: str, after: str, expected: str) -> None:
    assert read_cron(line).find_next(at(after)) == at(expected)


def test_every_word_means_its_fields() -> None:
    for word, fields in MACROS.items():
        assert read_cron(word) == read_cron(fields) == read_cron(word.upper())


@pytest.mark.parametrize("line", ["*/7 3-9 * * *", "0 12 29 2 *", "59 23 31 * *", "0 0 1 1 *", "1 1 1-7 */3 MON"])
def test_last_time_undoes_next_time(line: str) -> None:
    cron, wall = read_cron(line), at("2024-02-28T10:11:12")
    for _ in range(50):
        following = cron.find_next(wall)
        assert following is not None
        assert cron.find_next(following) is not None
        assert cron.find_last(following + timedelta(seconds=1)) == following
        assert (cron.find_last(following) or wall) <= wall
        wall = following


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("0 0 31 2 *", "cron: expected a day that comes: the months it names have at most 29 days"),
        ("0 0 31 4,6,9,11 *", "have at most 30 days"),
        ("60 * * * *", "cron minute: expected 0 to 59, with"),
        ("* * * * MOM", r"cron weekday: expected 0 to 7 or SUN to SAT.*did you mean MON\?"),
        ("* * 0 * *", "cron day: expected 1 to 31"),
        ("*/0 * * * *", "a step is a number from 1 to 59"),
        ("* 20-4 * * *", "20-4 goes down; write it as two parts with a comma"),
        ("* * * *", "cron: expected minute, hour, day, month and weekday"),
        ("0 * * * * *", "there are no seconds and no years"),
        ("@reboot", "or one of @hourly"),
        ("* * L * *", "cron day"),
        ("* * * * 5#3", "cron weekday"),
        ("1,,2 * * * *", "cron minute"),
        ("- * * * *", "cron minute"),
        ("٣ * * * *", "cron minute"),
        ("1" * 5000, "cron: expected minute"),
        ("", "cron: expected minute"),
    ],
)
def test_wrong_lines_are_refused_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(BadValue, match=sentence):
        read_cron(line)


def test_a_day_that_never_comes_is_no_hindrance_beside_weekdays() -> None:
    assert read_cron("0 0 31 2 MON").find_next(at("2026-02-01T00:00")) == at("2026-02-02T00:00")
