"""What the command prints: tables for people, one JSON document for programs, sentences on standard error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

# They turn the direction of the text around them, or end its line.
_TURNERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")

Columns = Mapping[str, str]


def say(sentence: str) -> None:
    """One sentence for a person, on standard error."""
    print(clean(sentence, keep="\n"), file=sys.stderr, flush=True)


def print_text(text: str) -> None:
    """A text as it is, on standard output; harmless where that is a terminal."""
    print(clean(text, keep="\n\t") if sys.stdout.isatty() else text, end="", flush=True)


def show(document: Any) -> None:
    """The one JSON document of a command, on standard output."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(document, ensure_ascii=not is_utf8, indent=2), flush=True)


def show_list(document: Mapping[str, Any], columns: Columns, *, as_json: bool, empty: str) -> None:
    """A list of the API: as it came, or as a table of the members that `columns` maps to headings."""
    if as_json:
        show(document)
    elif not document["items"]:
        say(empty)
    else:
        show_table(columns.values(), [[item.get(name) for name in columns] for item in document["items"]])
        if document.get("next_cursor"):
            say(f"there are more: --cursor {document['next_cursor']}")


def show_object(document: Mapping[str, Any], *, as_json: bool) -> None:
    """One object of the API: as it came, or a line for each member that has something to say."""
    if as_json:
        show(document)
        return
    rows = [(name, value) for name, value in document.items() if value not in (None, "", [], {})]
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        print(f"{clean(name):<{width}}  {write_cell(value)}")


def show_table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """A table on standard output; as wide as it needs to be when that is not a terminal."""
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=100_000)
    console.print(make_table(headings, rows))


def make_table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Any:
    """A rich table in which no cell is read as markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text(write_cell(cell)) for cell in row))
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
        return ", ".join(f"{clean(str(name))}={write_cell(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(write_cell(item) for item in value)
    return clean(str(value))


def clean(text: str, keep: str = "") -> str:
    """The text with everything that would steer a terminal written out as an escape, as `x1b` after a backslash."""
    return "".join(
        char if char in keep or not _steers(char) else char.encode("unicode_escape").decode() for char in text
    )


def _steers(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in _TURNERS
