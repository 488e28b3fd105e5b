"""Moments in time: aware, UTC, and RFC 3339 with a Z where they are written."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with a Z; None stays None. A naive moment is taken as UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_text(text: str | None) -> datetime | None:
    """The moment that `to_text` wrote; any ISO 8601 text is read, without an offset it is UTC.

    Raises ValueError for anything else.
    """
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
