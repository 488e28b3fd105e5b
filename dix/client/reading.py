"""Makes records out of the JSON that comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from dix.errors import Unreachable
from dix.records.page import Page

Record = TypeVar("Record")

_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def read_record(kind: type[Record], document: Any, **more: Any) -> Record:
    """One record; members it does not know are left out. Raises Unreachable for what no server of ours sends."""
    adapter = _get_adapter(kind)  # type: ignore[arg-type]  # a class can be hashed
    try:
        record: Record = adapter.validate_python({**document, **more})
    except (ValidationError, TypeError) as error:
        raise Unreachable("the server", f"its answer is not a {kind.__name__}: {error}") from None
    return record


def read_page(document: Any, read: Callable[[Any], Record]) -> Page[Record]:
    """One page of a list."""
    if not isinstance(document, dict) or not {"items", "next_cursor"} <= document.keys():
        raise Unreachable("the server", "its answer is not a list")
    return Page(tuple(read(item) for item in document["items"]), document["next_cursor"])


def read_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Numbers that JSON cannot say travel as words; here they are numbers again."""
    return {name: _NUMBERS.get(value, value) if isinstance(value, str) else value for name, value in values.items()}


@cache
def _get_adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
