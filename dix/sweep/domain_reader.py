"""Reads what a parameter of a space may be; what cannot be is refused in one sentence. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, NoReturn

from dix.errors import BadValue
from dix.names import find_nearest
from dix.sweep.domain import Domain
from dix.sweep.ranges import find_range

# More than that are tried by no sweep.
MOST_TRIALS = 10_000

_EXAMPLE = "[a, b], 1..10 step 2, {float: [0.001, 0.1], log: true}, {int: [1, 8]} or {choice: [a, b]}"
_MODIFIERS = ("log", "step", "when")


def read_domain(name: str, given: Any) -> Domain:
    """The domain of a parameter; raises BadValue."""
    field = f"space.{name}"
    if not isinstance(given, dict):
        return Domain("choice", _read_values(field, given))
    words = [word for word in given if word not in _MODIFIERS]
    if len(words) != 1 or words[0] not in _READERS:
        unknown = next((word for word in words if word not in _READERS), None)
        nearest = find_nearest(str(unknown), _READERS) if unknown is not None else None
        raise BadValue(
            field, f"one of {_EXAMPLE}", _shorten(list(given)), f"did you mean {nearest}?" if nearest else ""
        )
    domain = _READERS[words[0]](field, given[words[0]], given)
    return _with_condition(field, domain, given.get("when"))


def _with_condition(field: str, domain: Domain, when: Any) -> Domain:
    if when is None:
        return domain
    if not isinstance(when, dict) or not when:
        raise BadValue(f"{field}.when", "a parameter and its value, as {optimizer: sgd}", _shorten(when))
    named = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in when.items()}
    return Domain(
        domain.kind,
        domain.values,
        domain.low,
        domain.high,
        is_log=domain.is_log,
        step=domain.step,
        when=named,
    )


def _read_values(field: str, given: Any) -> tuple[Any, ...]:
    """The values of a list, of a range, or the only one."""
    if isinstance(given, str):
        return _read_text(field, given)
    if not isinstance(given, list):
        return (given,)
    if not given:
        raise BadValue(field, "at least one value", "none")
    seen: set[str] = set()
    for value in given:
        if repr(value) in seen:
            raise BadValue(field, "each value once", f"{_shorten(value)} twice")
        seen.add(repr(value))
    return tuple(given)


def _read_text(field: str, text: str) -> tuple[Any, ...]:
    found = find_range(text)
    if found is None:
        if ".." in text:
            raise BadValue(field, "a range such as 1..10, 1..10 step 2 or 0.1..0.5 step 0.1", text)
        return (text,)
    if found.count == 0:
        raise BadValue(field, "a range with a member", text, "give a step in its direction")
    if found.count > MOST_TRIALS:
        raise BadValue(field, f"at most {MOST_TRIALS:,} values", f"{found.count:,}", "make the step larger")
    return found.list_values()


def _read_choice(field: str, given: Any, whole: Mapping[str, Any]) -> Domain:
    _refuse(field, whole, "log", "step")
    return Domain("choice", _read_values(field, given))


def _make_bounds_reader(
    kind: Literal["int", "float"], *, is_log: bool = False, has_step: bool = False, is_open: bool = False
) -> Callable[[str, Any, Mapping[str, Any]], Domain]:
    """Of Tune's words those with q bring their step along, and randint ends before its upper bound."""

    def read(field: str, given: Any, whole: Mapping[str, Any]) -> Domain:
        expected = "[low, high, step]" if has_step else "[low, high]"
        if not isinstance(given, list) or len(given) != 2 + has_step:
            raise BadValue(field, f"{expected} of {_NUMBERS[kind]}", _shorten(given))
        if has_step:
            _refuse(field, whole, "step")
        low, high, *rest = (_read_number(field, kind, number) for number in given)
        step = rest[0] if rest else whole.get("step")
        if step is not None:
            step = _read_number(f"{field}.step", kind, step)
            if step <= 0:
                raise BadValue(f"{field}.step", "a number above 0", step)
        return _check_bounds(field, Domain(kind, (), low, high - is_open, _read_log(field, whole, is_log), step))

    return read


def _read_log(field: str, whole: Mapping[str, Any], is_log: bool) -> bool:  # noqa: FBT001
    given = whole.get("log", is_log)
    if not isinstance(given, bool):
        raise BadValue(f"{field}.log", "true or false", _shorten(given))
    return given


def _check_bounds(field: str, domain: Domain) -> Domain:
    if domain.low > domain.high:
        raise BadValue(field, "a space with a member, so low before high", f"{domain.low:g} to {domain.high:g}")
    if domain.is_log and domain.low <= 0:
        raise BadValue(field, "bounds above 0 for logarithms", f"{domain.low:g}")
    return domain


_NUMBERS = {"int": "whole numbers", "float": "numbers"}


def _read_number(field: str, kind: str, value: Any) -> float:
    is_number = isinstance(value, int if kind == "int" else int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise BadValue(field, f"bounds that are {_NUMBERS[kind]}", _shorten(value))
    number: float = value
    return number if kind == "int" else float(number)


def _refuse(field: str, whole: Mapping[str, Any], *words: str) -> None:
    for word in words:
        if word in whole:
            _raise_beside(field, word)


def _raise_beside(field: str, word: str) -> NoReturn:
    raise BadValue(f"{field}.{word}", "it beside int or float", "it beside something else", "leave it out")


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


_READERS: dict[str, Callable[[str, Any, Mapping[str, Any]], Domain]] = {
    **dict.fromkeys(("choice", "grid", "grid_search", "range", "value"), _read_choice),
    "int": _make_bounds_reader("int"),
    "float": _make_bounds_reader("float"),
    "uniform": _make_bounds_reader("float"),
    "loguniform": _make_bounds_reader("float", is_log=True),
    "quniform": _make_bounds_reader("float", has_step=True),
    "qloguniform": _make_bounds_reader("float", is_log=True, has_step=True),
    "randint": _make_bounds_reader("int", is_open=True),
    "lograndint": _make_bounds_reader("int", is_log=True, is_open=True),
    "qrandint": _make_bounds_reader("int", has_step=True),
    "qlograndint": _make_bounds_reader("int", is_log=True, has_step=True),
}
