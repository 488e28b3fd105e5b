"""What every body and every answer of the API has in common."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from dix.errors import BadValue
from dix.records.moments import from_text, to_text

Item = TypeVar("Item")
MAX_DEPTH = 64
MOST_VERSIONS = 2**31 - 1  # the catalog counts them with 32 bits


def _write(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {name: _write(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_write(item) for item in value]
    return value


# RFC 3339 in UTC with a Z.
Moment = Annotated[datetime, PlainSerializer(to_text, return_type=str)]
# Values of any kind; JSON has no word for three numbers, they travel as "NaN", "Infinity" and "-Infinity".
Plain = Annotated[Any, PlainSerializer(_write)]
PlainNumber = Annotated[float, PlainSerializer(_write)]
VersionAsked = Annotated[int, Field(le=MOST_VERSIONS)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many items a page has at most")]
Cursor = Annotated[str | None, Query(description="The next_cursor of the page before")]


class Body(BaseModel):
    """What comes in: unknown fields are refused, and text has to be text that can be written down."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_halves(cls, value: Any) -> Any:
        """Half a surrogate pair is legal in JSON and cannot be kept anywhere."""
        _check_text(value)
        return value


class Answer(BaseModel):
    """What goes out, made from the attributes of a record."""

    model_config = ConfigDict(from_attributes=True)


class ListAnswer(Answer, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = None


def read_moment(field: str, text: str) -> datetime:
    """The moment that a text means; BadValue for one that means none."""
    try:
        moment = from_text(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise BadValue(field, "an ISO 8601 date or time, as 2026-01-31 or 2026-01-31T06:00:00Z", text)
    return moment


def _check_text(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise BadValue("body", f"at most {MAX_DEPTH} levels of nesting", "more")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadValue("body", "text that UTF-8 can say", "half a character") from None
    elif isinstance(value, dict):
        for pair in value.items():
            _check_text(list(pair), depth)
    elif isinstance(value, list):
        for item in value:
            _check_text(item, depth + 1)
