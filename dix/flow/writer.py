"""Plain values into YAML that people like to read, and that every YAML reader, 1.1 or 1.2, reads alike."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

_WIDTH = 100
# Text that no reader takes for anything but text: words without a sign of YAML's, or a number with a unit.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+-]+)*\Z|[0-9]+(?:[KMGT]i?B?|ms|[smhd])\Z")
# Words that YAML 1.1 or 1.2 takes for a truth value or for nothing, in any case.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
# Characters beyond ASCII that YAML takes for line breaks, or does not print.
_ODD = "\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff"
_ESCAPED = re.compile(f"[{_ODD}]")
# Several lines that may stand as they are after a |: no space at either end, no character to escape.
_BLOCK = re.compile(rf"[^\s\x00-\x1f{_ODD}][^\x00-\x09\x0b-\x1f{_ODD}]*[^\s{_ODD}]\n\Z")


def write_yaml(value: dict[str, Any]) -> str:
    """A mapping as a YAML document; short mappings and lists of plain values stand on one line."""
    return "\n".join(_lines(value, "", top=True)) + "\n"


def _lines(value: dict[str, Any], indent: str, *, top: bool = False) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{indent}{_text(key)}:", item, indent, inline=not (top and key in {"nodes", "params"}))


def _entry(head: str, item: Any, indent: str, *, inline: bool = True) -> Iterator[str]:
    """One `head` (a key, or the dash of a list) with what belongs to it."""
    if not isinstance(item, dict | list):
        yield from _scalar_lines(head, item, indent)
        return
    line = f"{head} {_inline(item)}" if not item or (inline and _is_flat(item)) else ""
    if line and len(line) <= _WIDTH:
        yield line
    elif isinstance(item, dict):
        yield head
        yield from _lines(item, f"{indent}  ")
    else:
        yield head
        for each in item:
            yield from _entry(f"{indent}  -", each, f"{indent}  ")


def _scalar_lines(head: str, item: Any, indent: str) -> Iterator[str]:
    if isinstance(item, str) and _BLOCK.match(item) and "\n" in item[:-1]:
        yield f"{head} |"
        for line in item[:-1].split("\n"):
            yield f"{indent}  {line}" if line else ""
    else:
        yield f"{head} {_scalar(item)}"


def _is_flat(item: dict[str, Any] | list[Any]) -> bool:
    values = item.values() if isinstance(item, dict) else item
    return not any(isinstance(each, dict) and each for each in values)


def _inline(item: Any) -> str:
    if isinstance(item, dict):
        return "{" + ", ".join(f"{_text(key)}: {_inline(each)}" for key, each in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(_inline(each) for each in item) + "]"
    return _scalar(item)


def _scalar(item: Any) -> str:
    if isinstance(item, str):
        return _text(item)
    if isinstance(item, float):
        return _float(item)
    return json.dumps(item)


def _float(number: float) -> str:
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else f"{'-' if number < 0 else ''}.inf"
    # YAML 1.1 reads 1e-05 as text: it wants a dot before the exponent, and a sign after.
    digits, exponent, power = repr(number).partition("e")
    if not exponent:
        return digits
    sign = "" if power[0] in "+-" else "+"
    return f"{digits}{'' if '.' in digits else '.0'}e{sign}{power}"


def _text(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _WORDS:
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
