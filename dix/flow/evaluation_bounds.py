"""How large a template's values may grow, and what is said when they would grow larger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dix.flow.scalars import LEAST_INT, MOST_INT

MAX_TEXT = 64 * 2**10
MAX_STEPS = 10_000


class Refused(ValueError):
    """An expression that is not evaluated further: the rule and the nearest name beside the sentence."""

    def __init__(self, rule: str, message: str, nearest: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.nearest = nearest


def weigh(value: Any) -> int:
    """About how many characters a value has when written out; raises Refused beyond the bound."""
    weight = 0
    waiting = [value]
    while waiting:
        item = waiting.pop()
        weight += len(item) if isinstance(item, str) else 1
        if weight > MAX_TEXT:
            todo = "keep large values in the store and hand on their path"
            raise Refused("template", f"its value has more than {MAX_TEXT} characters; {todo}")
        if isinstance(item, Mapping):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
    return weight


def to_text(value: Any) -> str:
    """A value as it stands in a text; dates as in `ts`."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    weigh(value)
    return str(value)


def check_number(value: Any) -> Any:
    """The result of arithmetic; raises Refused beyond 64 bits."""
    if isinstance(value, complex):
        raise Refused("template", "the result is not a real number")
    if isinstance(value, int) and not LEAST_INT <= value <= MOST_INT:
        raise Refused("template", "the result is a whole number beyond 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("template", f"the result is {value}, which is no number for a document")
    return value
