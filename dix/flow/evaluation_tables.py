"""What a template's expressions may use: filters, tests and methods, each bounded by itself or by its result."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dix.flow.evaluation_bounds import MAX_TEXT, Refused, to_text, weigh

_FORMAT = re.compile(r"(?:[^%]|%[-_0^#]?[A-Za-z%])*\Z")
_FORMAT_LENGTH = 200


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    raise Refused("template", f"this filter wants a date such as logical_date, got {type(value).__name__}")


def _ds(value: Any) -> str:
    return _moment(value).date().isoformat()


def _ts(value: Any) -> str:
    return _moment(value).isoformat()


def _ts_nodash(value: Any) -> str:
    return _moment(value).replace(microsecond=0, tzinfo=None).isoformat().replace("-", "").replace(":", "")


def _ts_nodash_with_tz(value: Any) -> str:
    return _ts_nodash(value) + _moment(value).strftime("%z")


def _replace(text: Any, old: str, new: str, count: int = -1) -> str:
    whole = to_text(text)
    if len(whole) + (whole.count(old) if old else len(whole) + 1) * max(0, len(new) - len(old)) > MAX_TEXT:
        raise Refused("template", f"replace would make more than {MAX_TEXT} characters")
    return whole.replace(old, new, count)


def _join(items: Iterable[Any], between: str = "") -> str:
    listed = list(items)
    if sum(weigh(item) for item in listed) + len(listed) * len(between) > MAX_TEXT:
        raise Refused("template", f"join would make more than {MAX_TEXT} characters")
    return between.join(to_text(item) for item in listed)


def _round(number: float, digits: int = 0) -> float:
    if abs(digits) > 30:
        raise Refused("template", "round takes from -30 to 30 digits")
    return round(float(number), digits)


def _to_int(value: Any, default: int = 0) -> int:
    """As in Jinja2: text that is no number gives the default."""
    try:
        return int(value) if not isinstance(value, str) else int(float(value)) if "." in value else int(value)
    except (ValueError, OverflowError):
        return default


def _to_float(value: Any, default: float = 0.0) -> float:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return default


def _tojson(value: Any) -> str:
    weigh(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _strftime(moment: datetime, pattern: str) -> str:
    if len(pattern) > _FORMAT_LENGTH or not _FORMAT.match(pattern):
        raise Refused("template", "strftime takes a pattern such as %Y/%m/%d, of at most 200 characters")
    return moment.strftime(pattern)


def _get(mapping: Mapping[str, Any], key: str, default: Any = None) -> Any:
    return mapping.get(key, default)


def _split(text: str, by: str | None = None, most: int = -1) -> list[str]:
    return text.split(by, most)


FILTERS: dict[str, Callable[..., Any]] = {
    "ds": _ds,
    "ds_nodash": lambda value: _ds(value).replace("-", ""),
    "ts": _ts,
    "ts_nodash": _ts_nodash,
    "ts_nodash_with_tz": _ts_nodash_with_tz,
    "abs": abs,
    "capitalize": lambda value: to_text(value).capitalize(),
    "count": len,
    "first": lambda items: next(iter(items)),
    "float": _to_float,
    "int": _to_int,
    "join": _join,
    "last": lambda items: list(items)[-1],
    "length": len,
    "list": list,
    "lower": lambda value: to_text(value).lower(),
    "max": max,
    "min": min,
    "replace": _replace,
    "reverse": lambda items: items[::-1],
    "round": _round,
    "sort": lambda items, reverse=False: sorted(items, reverse=reverse),
    "string": to_text,
    "sum": sum,
    "title": lambda value: to_text(value).title(),
    "tojson": _tojson,
    "trim": lambda value: to_text(value).strip(),
    "unique": lambda items: list(dict.fromkeys(items)),
    "upper": lambda value: to_text(value).upper(),
    # These two also take a value that is missing: Evaluation looks at their names.
    "d": lambda value, default="", empty=False: value or default if empty else value,
    "default": lambda value, default="", empty=False: value or default if empty else value,
}

TESTS: dict[str, Callable[..., bool]] = {
    # These two also take a value that is missing: Evaluation looks at their names.
    "defined": lambda _value: True,
    "undefined": lambda _value: False,
    "none": lambda value: value is None,
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, float),
    "number": lambda value: isinstance(value, int | float),
    "string": lambda value: isinstance(value, str),
    "mapping": lambda value: isinstance(value, Mapping),
    "sequence": lambda value: isinstance(value, list | tuple | str | Mapping),
    "odd": lambda value: value % 2 == 1,
    "even": lambda value: value % 2 == 0,
    "divisibleby": lambda value, number: value % number == 0,
    "in": lambda value, items: value in items,
}

METHODS: dict[type, dict[str, Callable[..., Any]]] = {
    str: {
        "upper": str.upper,
        "lower": str.lower,
        "title": str.title,
        "capitalize": str.capitalize,
        "strip": str.strip,
        "lstrip": str.lstrip,
        "rstrip": str.rstrip,
        "split": _split,
        "replace": _replace,
        "startswith": str.startswith,
        "endswith": str.endswith,
    },
    dict: {
        "get": _get,
        "keys": list,
        "values": lambda mapping: list(mapping.values()),
        "items": lambda mapping: [list(item) for item in mapping.items()],
    },
    datetime: {
        "strftime": _strftime,
        "isoformat": datetime.isoformat,
        "date": datetime.date,
        "timestamp": datetime.timestamp,
        "weekday": datetime.weekday,
        "isoweekday": datetime.isoweekday,
    },
    date: {"strftime": _strftime, "isoformat": date.isoformat, "weekday": date.weekday, "isoweekday": date.isoweekday},
    timedelta: {"total_seconds": timedelta.total_seconds},
}

ATTRIBUTES: dict[type, frozenset[str]] = {
    datetime: frozenset({"year", "month", "day", "hour", "minute", "second", "microsecond"}),
    date: frozenset({"year", "month", "day"}),
    timedelta: frozenset({"days", "seconds"}),
}
