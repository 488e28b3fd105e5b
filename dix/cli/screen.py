"""What the command prints: tables for people, one JSON document for programs, sentences on standard error."""

from __future__ import annotations

import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# They turn the direction of the text around them, or end its line.
_TURNERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")

# People do not read fractions of a second.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")

# A column is folded, where there is no room, only when it has more than this.
SHORT = 32
LINE = 100

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
    for line in _write_members(document):
        print(line)


def _write_members(document: Mapping[str, Any]) -> Iterator[str]:
    """A line for each member; a value that is too long for one has lines of its own, indented."""
    filled = {clean(name): value for name, value in document.items() if value not in (None, "", [], {})}
    width = max((len(name) for name in filled), default=0)
    for name, value in filled.items():
        short = write_cell(value)
        if len(short) <= LINE or not isinstance(value, dict | list):
            yield f"{name:<{width}}  {short}"
            continue
        yield name
        parts = [value] if isinstance(value, dict) else value
        for part in parts:
            lines = _write_members(part) if isinstance(part, dict) else [write_cell(part)]
            yield from (f"  {line}" for line in lines)


def show_table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """A table on standard output; as wide as it needs to be when that is not a terminal."""
    from rich.console import Console

    table = make_table(headings, rows)
    if sys.stdout.isatty():
        Console().print(table)
        return
    console = Console(width=100_000, file=io.StringIO())
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()), flush=True)


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
