"""What one plain YAML scalar means: the core schema of YAML 1.2.2 (section 10.3), and nothing of YAML 1.1."""

from __future__ import annotations

import re
from typing import TypeAlias

from dix.errors import BadValue

Scalar: TypeAlias = bool | int | float | str | None

WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((f"{sign}{word}" for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
# What JSON readers of other languages still read without loss: signed and unsigned 64 bits.
LEAST_INT, MOST_INT = -(2**63), 2**64 - 1

_INT = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NUMERIC = frozenset("+-.0123456789")


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted scalar: `1e-3` is a number; `no`, `2024-01-01`, `1_000` and `12:30` are text.

    Raises BadValue for a whole number beyond 64 bits, which other readers of the document would change silently.
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INT.match(text):
        return _read_int(text, 10)
    if _BASED.match(text):
        return _read_int(text, 8 if text[1] == "o" else 16)
    return float(text) if _FLOAT.match(text) else text


def check_int(number: int) -> int:
    """The number itself; raises BadValue when it does not fit into 64 bits."""
    if LEAST_INT <= number <= MOST_INT:
        return number
    raise _too_large(f"{number:#x}"[:24])


def _read_int(text: str, base: int) -> int:
    # Python refuses to read very long numbers, and is slow on long ones: nothing beyond 64 bits is this long.
    if len(text.lstrip("+-0ox")) > 24:
        raise _too_large(f"{text[:20]}…")
    return check_int(int(text, base) if base == 10 else int(text[2:], base))


def _too_large(shown: str) -> BadValue:
    return BadValue("number", "a whole number of at most 64 bits", shown, "put it in quotes if it is meant as text")
