"""A run's parameters: the flow's defaults, overridden by what the run was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dix.errors import BadDocument, Problem
from dix.flow.document import FlowDoc
from dix.flow.nearest import Nearest, list_names
from dix.flow.plain import find_unplain, to_text
from dix.flow.shape_words import show

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a mapping"),
)


def resolve_params(doc: FlowDoc, given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a run; raises BadDocument with every one that the flow does not have, or of the wrong type.

    The type is that of the default: a whole number will do for a number, and anything for a default that is null.
    """
    nearest = Nearest()
    problems = tuple(problem for name, value in given.items() if (problem := _check(doc, name, value, nearest)))
    if problems:
        raise BadDocument(problems)
    resolved = {**doc.params, **given}
    return {name: _as_default(doc.params[name], value) for name, value in resolved.items()}


def _check(doc: FlowDoc, name: str, value: Any, nearest: Nearest) -> Problem | None:
    name = to_text(name)
    field = f"params.{name}"
    if name not in doc.params:
        what = f"the flow {doc.name} has no parameter {name[:60]}; it has {list_names(doc.params)}"
        return Problem(None, field, "unknown-parameter", what, nearest.find(name, doc.params))
    told = find_unplain(value)
    if told:
        return Problem(None, field, "type", told)
    expected = _kind_of(doc.params[name])
    if expected is None or _fits(expected, value):
        return None
    word = next(word for kind, word in _KINDS if kind is expected)
    todo = f'; quote it, as in {name}="{value}"' if expected is str and not isinstance(value, dict | list) else ""
    what = f"expected {word} as in its default ({show(doc.params[name])}), got {show(value)}{todo}"
    return Problem(None, field, "type", what)


def _kind_of(default: Any) -> type | None:
    return next((kind for kind, _ in _KINDS if isinstance(default, kind)), None)


def _fits(expected: type, value: Any) -> bool:
    kind = _kind_of(value)
    return kind is expected or (expected is float and kind is int)


def _as_default(default: Any, value: Any) -> Any:
    """A whole number given for a number becomes one, so that a template sees the same type in every run."""
    return float(value) if type(default) is float and type(value) is int else value
