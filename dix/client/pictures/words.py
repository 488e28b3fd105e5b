"""Makes text of users fit to be shown: no control codes, not too long."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_CODE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    """The text without terminal colours and other control codes; what a progress bar overwrote is left out."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPE_CODE.sub("", text).split("\n"))
    return _CONTROL.sub("�", "\n".join(lines))


def shorten(text: str, width: int) -> str:
    """At most `width` columns of text; Chinese, Japanese and Korean signs and emoji take two."""
    if measure(text) <= width:
        return text
    kept, used = [], 1
    for sign in text:
        used += _width(sign)
        if used > width:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + "…"


def measure(text: str) -> int:
    """How many columns a text takes."""
    return sum(map(_width, text))


def _width(sign: str) -> int:
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
