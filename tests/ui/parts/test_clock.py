"""Spans the way people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ui.parts.clock import NOTHING, say_seconds, say_span

START = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (-1, "0.0 s"),
        (4.24, "4.2 s"),
        (59.96, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_span_has_the_two_units_that_matter(seconds: float, said: str) -> None:
    assert say_seconds(seconds) == said


def test_a_span_goes_on_until_it_ends() -> None:
    assert say_span(START, START + timedelta(seconds=5)) == "5.0 s"
    assert say_span(START, None, START + timedelta(seconds=7)) == "7.0 s"
    assert say_span(None, None) == NOTHING
