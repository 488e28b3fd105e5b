"""What the operators of a template do, and how far."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from dix.flow.evaluation_bounds import MAX_TEXT, Refused, check_number, weigh

OPERATORS: dict[type[nodes.Node], Callable[[Any, Any], Any]] = {
    nodes.Add: operator.add,
    nodes.Sub: operator.sub,
    nodes.Mul: operator.mul,
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: operator.mod,
    nodes.Pow: operator.pow,
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda item, items: item in items,
    "notin": lambda item, items: item not in items,
}

_MOST_POWER = 64


def apply(kind: type[nodes.Node], left: Any, right: Any) -> Any:
    """The result of one operation; raises Refused before anything large is made."""
    if kind is nodes.Mul:
        _check_product(left, right)
    elif kind is nodes.Pow:
        _check_power(left, right)
    elif kind is nodes.Mod and isinstance(left, str):
        raise Refused("template", "% formats no text here; use ~ to put text together")
    elif kind is nodes.Add and isinstance(left, str | list):
        weigh([left, right])
    return check_number(OPERATORS[kind](left, right))


def _check_product(left: Any, right: Any) -> None:
    for whole, times in ((left, right), (right, left)):
        if isinstance(whole, str | list) and isinstance(times, int) and max(weigh(whole), 1) * times > MAX_TEXT:
            raise Refused("template", f"the product has more than {MAX_TEXT} characters; make it smaller")


def _check_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and right > _MOST_POWER:
        raise Refused("template", "the power is a whole number beyond 64 bits")
