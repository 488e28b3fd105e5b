"""Values as text for a terminal: one line each, and harmless there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

# They turn the direction of the text around them, or end its line.
_TURNERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")

# People do not read fractions of a second.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")

# A column is folded, where there is no room, only when it has more than this.
SHORT = 32


def make_table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Any:
    """A rich table in which no cell is read as markup; a column with nothing in it is left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    written = [[write_cell(cell) for cell in row] for row in rows]
    filled = [index for index in range(len(written[0]) if written else 0) if any(row[index] for row in written)]
    for index, heading in enumerate(headings):
        if index in filled:
            is_short = max(len(row[index]) for row in written) <= SHORT
            table.add_column(Text(heading), overflow="fold", no_wrap=is_short)
    for row in written:
        table.add_row(*(Text(row[index]) for index in filled))
    return table


def write_cell(value: Any) -> str:
    """A value on one line, harmless for a terminal."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{clean(str(name))}={_write_inner(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_write_inner(item) for item in value)
    text = clean(str(value))
    return f"{text[:19]}Z" if _MOMENT.fullmatch(text) else text


def _write_inner(value: Any) -> str:
    text = write_cell(value)
    return f"[{text}]" if isinstance(value, list) else f"({text})" if isinstance(value, dict) else text


def clean(text: str, keep: str = "") -> str:
    """The text with everything that would steer a terminal written out as an escape, as `x1b` after a backslash."""
    return "".join(
        char if char in keep or not _steers(char) else char.encode("unicode_escape").decode() for char in text
    )


def _steers(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in _TURNERS
