"""A failure as it travels: an error as an RFC 9457 problem document, and the error again on the other side."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dix.errors import BadDocument, DixError, PlatformError, Problem, WrongUse

PREFIX = "urn:dix:problem:"


def to_problem(error: DixError) -> dict[str, Any]:
    """The document: `type, title, detail, facts`, and `problems` where the error has several; all of it is JSON."""
    name = type(error).__name__
    title = " ".join(_split_words(name)).capitalize()
    document: dict[str, Any] = {"type": PREFIX + "-".join(_split_words(name)), "title": title, "detail": str(error)}
    facts = _make_plain(error.facts())
    if isinstance(error, BadDocument):
        document["problems"] = facts.pop("problems")
    return document | {"facts": facts}


def from_problem(document: Mapping[str, Any]) -> DixError:
    """The error that `to_problem` was given; a plain WrongUse or PlatformError (by `status`) for a type of no class."""
    kind = _find_class(str(document.get("type")))
    if kind is BadDocument:
        return BadDocument(tuple(_read_problem(problem) for problem in document.get("problems") or ()))
    facts = document.get("facts")
    if kind is not None and isinstance(facts, Mapping):
        given = tuple(name for name in kind.NAMES if name in facts)
        if given == kind.NAMES[: len(given)] and _makes_a_sentence(error := kind(*(facts[name] for name in given))):
            return error
    detail = str(document.get("detail") or document.get("title") or "the server gave no reason")
    return WrongUse(detail) if str(document.get("status")).startswith("4") else PlatformError(detail)


def _makes_a_sentence(error: DixError) -> bool:
    """Whether the facts were enough: another version of DI-X may have sent fewer."""
    try:
        return bool(error.args and str(error))
    except (IndexError, ValueError):
        return False


def _split_words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", name)]


def _find_class(type_: str) -> type[DixError] | None:
    return next((kind for kind in _walk(DixError) if PREFIX + "-".join(_split_words(kind.__name__)) == type_), None)


def _walk(kind: type[DixError]) -> Iterator[type[DixError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _walk(child)


def _read_problem(problem: Any) -> Problem:
    fields = problem if isinstance(problem, Mapping) else {"message": str(problem)}
    rule, message = str(fields.get("rule", "unknown")), str(fields.get("message", ""))
    return Problem(fields.get("node"), fields.get("field"), rule, message, fields.get("nearest"))


def _make_plain(value: Any) -> Any:
    """What JSON can say: other things become their text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _make_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_make_plain(item) for item in value]
    return str(value)
