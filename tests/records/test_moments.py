"""Moments are aware, in UTC, and written with a Z."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dix.records.moments import from_text, now, to_text

NOON = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)


def test_now_is_aware_and_utc() -> None:
    assert now().utcoffset() == timedelta(0)


def test_a_moment_is_written_with_a_z() -> None:
    assert to_text(NOON) == "2024-05-01T12:00:00Z"
    assert to_text(NOON.replace(microsecond=5)) == "2024-05-01T12:00:00.000005Z"


def test_another_offset_is_written_in_utc() -> None:
    assert to_text(NOON.astimezone(timezone(timedelta(hours=8)))) == "2024-05-01T12:00:00Z"


def test_a_naive_moment_is_taken_as_utc() -> None:
    assert to_text(datetime(2024, 5, 1, 12)) == "2024-05-01T12:00:00Z"  # noqa: DTZ001 - that is the point


def test_nothing_stays_nothing() -> None:
    assert to_text(None) is None
    assert from_text(None) is None


@pytest.mark.parametrize(
    "text", ["2024-05-01T12:00:00Z", "2024-05-01T20:00:00+08:00", "2024-05-01T12:00:00", "2024-05-01 12:00"]
)
def test_iso_8601_is_read(text: str) -> None:
    assert from_text(text) == NOON


def test_what_was_written_is_read_back() -> None:
    moment = now()
    assert from_text(to_text(moment)) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "12:00"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"[Ii]nvalid isoformat|month must be"):
        from_text(text)
