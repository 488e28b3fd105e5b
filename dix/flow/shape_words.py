"""Problems of shape in words: what was expected, what came, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from dix.errors import Problem
from dix.flow.document import NODE_KINDS, Defaults, FlowDoc, Layout, Resources, Retry, Wait
from dix.flow.nearest import Nearest
from dix.flow.tree import place_of

_PARTS: dict[str, type[BaseModel]] = {
    "resources": Resources,
    "retry": Retry,
    "wait": Wait,
    "defaults": Defaults,
    "layout": Layout,
}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "dict_type": "a mapping (name: value)",
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
    "tuple_type": "a list",
    "list_type": "a list",
    "finite_number": "a finite number",
}
_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A path from the top of the document; the kind of the node it lies in; whether the key itself is meant."""

    path: tuple[str | int, ...]
    kind: str | None = None
    is_key: bool = False


def describe(place: Place, error: ErrorDetails, nearest: Nearest) -> Problem:
    """The problem that one of pydantic's errors is."""
    node, field = place_of(place.path)
    rule, message, near = _words(place, error, nearest)
    return Problem(node, field, rule, message, near)


def show(value: Any) -> str:
    """A value in a sentence, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN_LENGTH else f"{value[:_SHOWN_LENGTH]}…"
        return f"the text {text!r}"
    return "a mapping" if isinstance(value, dict) else "a list"


def _words(place: Place, error: ErrorDetails, nearest: Nearest) -> tuple[str, str, str | None]:
    """Rule, message, nearest valid value."""
    kind = error["type"]
    if kind in _EXPECTED:
        return "type", _wrong_type(_EXPECTED[kind], error["input"]), None
    teller = _TELLERS.get(kind)
    if teller is not None:
        return teller(place, error, nearest)
    return "type", f"{error['msg']}, got {show(error['input'])}", None


def _wrong_type(expected: str, came: Any) -> str:
    todo = "; put it in quotes" if expected == "text" and isinstance(came, int | float) else ""
    if expected in {"a whole number", "a number", "true or false"} and isinstance(came, str):
        todo = "; templates are not allowed here" if "{{" in came else _tell_spelling(expected, came)
    return f"expected {expected}, got {show(came)}{todo}"


def _tell_spelling(expected: str, came: str) -> str:
    """How a text is written that was meant as a number or a truth."""
    text = came.strip()
    if expected == "true or false":
        return "; write it without quotes" if text.lower() in {"true", "false"} else ""
    share = text.removesuffix("%").strip()
    if not _NUMBER.fullmatch(share):
        return ""
    return "; write it without quotes" if share == text else f"; write {text} as {float(share) / 100:g}"


def _missing(place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, str | None]:
    if isinstance(place.path[-1], int):
        return _wrong_length(place, error, _nearest)
    return "missing", f"{_owner(place)} needs {place.path[-1]}; add it", None


def _unknown_field(place: Place, _error: ErrorDetails, nearest: Nearest) -> tuple[str, str, str | None]:
    name = str(place.path[-1])
    known = list(_shape(place).model_fields)
    near = nearest.find(name, known)
    elsewhere = [f"{kind} nodes" for kind, shape in NODE_KINDS.items() if name in shape.model_fields]
    if name == "<<":
        return "unknown-field", "merge keys (<<) are not part of YAML 1.2; use defaults:, or write the fields out", None
    if near:
        what = f"{_owner(place)} has no field {name}; correct it or take it away"
    elif elsewhere and place.kind:
        what = f"{_owner(place)} has no field {name}, which belongs to {' and '.join(elsewhere)}; take it away"
    else:
        what = f"{_owner(place)} has no field {name[:_SHOWN_LENGTH]}; it may have {', '.join(known)}"
    return "unknown-field", what, near


def _choice(place: Place, error: ErrorDetails, nearest: Nearest) -> tuple[str, str, str | None]:
    expected = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
    came = error["input"]
    near = nearest.find(came, expected.split(", ")) if isinstance(came, str) else None
    if place.path == ("dix",):
        return "choice", f"expected dix: 1, the version of the document language, got {show(came)}", "1"
    return "choice", f"expected one of {expected}, got {show(came)}", near


def _no_kind(_place: Place, error: ErrorDetails, nearest: Nearest) -> tuple[str, str, str | None]:
    kinds = ", ".join(NODE_KINDS)
    came = error["input"].get("kind") if isinstance(error["input"], dict) else None
    if came is None:
        return "missing", f"a node needs kind: one of {kinds}; add it", None
    near = nearest.find(came, NODE_KINDS) if isinstance(came, str) else None
    return "choice", f"expected kind: one of {kinds}, got {show(came)}", near


def _too_low(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    return "range", f"expected {error['ctx']['ge']} or more, got {error['input']}", None


def _too_high(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    return "range", f"expected {error['ctx']['le']} or less, got {error['input']}", None


def _too_long(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    most = error["ctx"]["max_length"]
    return "length", f"expected at most {most} characters, got {len(error['input'])}; shorten it", None


def _too_short(place: Place, _error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    if place.path == ("nodes",):
        return "missing", "a flow needs at least one node under nodes; add it", None
    if place.is_key:
        return "name", "expected a name, got an empty text; give it one", None
    return "missing", "expected text, got an empty one; fill it in or take the field away", None


def _wrong_length(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    return "type", f"expected two numbers [x, y], got {show(error['input'])}", None


def _name(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    kind, rule = error["ctx"]["kind"], error["ctx"]["rule"]
    return "name", f"expected {kind} of {rule}, got {show(error['input'])}", None


def _quantity(_place: Place, error: ErrorDetails, _nearest: Nearest) -> tuple[str, str, None]:
    return "type", f"expected {error['msg']}, got {show(error['input'])}", None


def _owner(place: Place) -> str:
    """What the field at a place belongs to."""
    inner = _inner(place)
    if inner:
        return str(inner[-1])
    if place.kind:
        return f"{'an' if place.kind == 'algorithm' else 'a'} {place.kind} node"
    return "a flow"


def _inner(place: Place) -> tuple[str | int, ...]:
    """The path between the node (or the top) and the field itself."""
    return place.path[2:-1] if place.kind else place.path[:-1]


def _shape(place: Place) -> type[BaseModel]:
    inner = _inner(place)
    if inner:
        return _PARTS[str(inner[-1])]
    return NODE_KINDS[place.kind] if place.kind else FlowDoc


_TELLERS: dict[str, Callable[[Place, ErrorDetails, Nearest], tuple[str, str, str | None]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_field,
    "literal_error": _choice,
    "union_tag_not_found": _no_kind,
    "union_tag_invalid": _no_kind,
    "greater_than_equal": _too_low,
    "less_than_equal": _too_high,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "too_long": _wrong_length,
    "name": _name,
    "quantity": _quantity,
    "plain": lambda _place, error, _nearest: ("type", str(error["msg"]), None),
}
