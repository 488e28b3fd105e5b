"""Records that are kept as one JSON document each, beside the columns by which they are found."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from dix.errors import BadValue
from dix.records.moments import to_text

Record = TypeVar("Record")


def write_document(record: object) -> str:
    """A frozen dataclass as JSON text; BadValue for what JSON has no word for."""
    assert is_dataclass(record)  # noqa: S101 for the type checker
    assert not isinstance(record, type)  # noqa: S101
    try:
        return json.dumps(asdict(record), default=_write, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadValue("params", "values that JSON can hold", str(error)) from None


def read_document(kind: type[Record], text: str) -> Record:
    """The record that `write_document` wrote; fields that came later have their defaults."""
    hashable: Any = kind
    record: Record = _find_adapter(hashable).validate_python(json.loads(text))
    return record


@cache
def _find_adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _write(value: object) -> str | None:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no word in JSON")
    return to_text(value)
