"""Makes plain values of what a step calls its metrics: whatever a library calls a number, text or list becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST_TEXT = 1000


def make_plain(value: Any) -> Any:
    """None, a truth value, number, text, list or mapping, as JSON has them; anything else becomes its text."""
    if isinstance(value, Mapping):
        return {_clean(str(key)): make_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [make_plain(item) for item in value]
    tolist = getattr(value, "tolist", None)
    if callable(tolist):  # numpy and torch, without importing either
        return make_plain(tolist())
    return _make_single(value)


def _make_single(value: Any) -> bool | int | float | str | None:
    if value is None:
        return None
    for kind in (bool, int, float):  # a subclass becomes what it is at heart
        if isinstance(value, kind):
            return kind(value)
    return _clean(str(value))


def _clean(text: str) -> str:
    """Text that is Unicode, and not too long to show."""
    return text[:_LONGEST_TEXT].encode("utf-8", "backslashreplace").decode()
