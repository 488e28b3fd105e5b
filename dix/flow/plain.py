"""What a value in a document may be: what YAML and JSON both carry, and nothing else."""

from __future__ import annotations

import math
from typing import Any

from dix.errors import BadValue
from dix.flow.scalars import check_int
from dix.flow.tree import MAX_DEPTH

_SURROGATES = ("\ud800", "\udfff")


def find_unplain(value: Any) -> str | None:
    """What keeps a value out of a document, as a sentence; None when nothing does."""
    waiting: list[tuple[int, Any]] = [(0, value)]
    while waiting:
        depth, item = waiting.pop()
        if depth > MAX_DEPTH:
            return f"expected at most {MAX_DEPTH} levels of lists and mappings, got more; write it flatter"
        if type(item) is dict:
            if not all(isinstance(key, str) for key in item):
                return "expected keys that are text, got another kind; put them in quotes"
            waiting.extend((depth + 1, each) for pair in item.items() for each in pair)
        elif type(item) is list:
            waiting.extend((depth + 1, each) for each in item)
        else:
            told = _find_unplain_scalar(item)
            if told:
                return told
    return None


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8 and handed to an operating system."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any(_SURROGATES[0] <= character <= _SURROGATES[1] for character in text)


def to_text(text: str) -> str:
    """A text that can be written as UTF-8 and shown: what cannot is replaced."""
    return text.encode(errors="replace").decode()[:200]


def _find_unplain_scalar(item: Any) -> str | None:
    if item is None or type(item) is bool:
        return None
    if type(item) is str:
        return None if is_text(item) else "expected text, got one with U+0000 or half a surrogate pair; remove it"
    if type(item) is float:
        finite = math.isfinite(item)
        return None if finite else f"expected a finite number, which JSON can carry, got {item}; give one such as 1e300"
    if type(item) is int:
        try:
            check_int(item)
        except BadValue as error:
            return f"expected {error.fact('expected')}, got {error.fact('got')}; {error.fact('todo')}"
        return None
    return f"expected text, a number, true, false, null, a list or a mapping, got a {type(item).__name__}; convert it"
