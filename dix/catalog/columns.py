"""How values lie in the file: moments as microseconds, JSON as text, text without what the file cannot hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from dix.errors import BadValue

Row: TypeAlias = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970 in UTC; a naive moment is taken as UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that `to_micros` wrote."""
    return _EPOCH + micros * _MICROSECOND


def find_moment(micros: int | None) -> datetime | None:
    """The moment that `to_micros` wrote; None stays None."""
    return None if micros is None else from_micros(micros)


def to_json(field: str, value: object) -> str:
    """JSON text; numbers keep their types, NaN and infinities included. BadValue for what JSON has no word for."""
    if not value and isinstance(value, dict):
        return "{}"
    try:
        return json.dumps(value, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadValue(field, "values that JSON can hold", str(error)) from None


def from_json(text: str) -> Any:
    """The value that `to_json` wrote."""
    return {} if text == "{}" else json.loads(text)


def to_text(text: str | None) -> str | None:
    """The text itself; half characters (what a program printed need not be Unicode) are spelled out."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
