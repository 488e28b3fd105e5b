"""What the command prints: tables for people, one JSON document for programs, sentences on standard error."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dix.client.cells import clean, make_table, write_cell

MOST_SHOWN, SOME_SHOWN = 30, 10  # of a long list of words or numbers
LINE = 100

Columns = Mapping[str, str]


def say(sentence: str) -> None:
    """One sentence for a person, on standard error."""
    print(clean(sentence, keep="\n"), file=sys.stderr, flush=True)


def tell_files(files: int, size_bytes: int) -> str:
    """How many files of how many bytes, as they stand in a sentence."""
    return f"{files} file{'' if files == 1 else 's'} of {size_bytes} byte{'' if size_bytes == 1 else 's'}"


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
        if isinstance(value, list) and len(value) > MOST_SHOWN and not isinstance(value[0], dict | list):
            some = ", ".join(write_cell(part) for part in value[:SOME_SHOWN])
            yield f"{name:<{width}}  {some} and {len(value) - SOME_SHOWN} more; --json has all"
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
