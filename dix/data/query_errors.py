"""Say in one sentence what DuckDB says of a query in many lines: where it is, what is wrong, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dix.errors import BadData
from dix.names import find_nearest

_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)
_COLUMN = re.compile(r'Referenced column "(.+?)" (?:was )?not found')
_TABLE = re.compile(r"Table with name (.+?) does not exist")
_KIND = re.compile(r"^(?:\w+Exception: )?[A-Z][A-Za-z -]*? Error: ")
_HINTS = re.compile(r"\n(?:Candidate|Did you mean|\tCandidate|LINE |\n)")
_MOST_SHOWN = 12


def say_what_is_wrong(said: str, query: str, columns: Mapping[str, Sequence[str]], memory_bytes: int) -> BadData:
    """`said` is DuckDB's message, `columns` has those of each input."""
    where = ", ".join(["query", *_find_place(said, query)])
    if "Out of Memory" in said:
        what = f"it needs more than the {memory_bytes >> 20} MiB of memory that the node has"
        return BadData(where, what, "give the node more memory, or ask for less at a time")
    if "Permission Error" in said:
        return BadData(where, "it reads more than its inputs", f"ask {_say_names(list(columns), 'no table')} only")
    missing = _COLUMN.search(said)
    if missing is not None:
        every = list(dict.fromkeys(name for names in columns.values() for name in names))
        return BadData(where, f"there is no column {missing[1]}", _guess(missing[1], every, "columns"))
    missing = _TABLE.search(said)
    if missing is not None:
        return BadData(where, f"there is no input {missing[1]}", _guess(missing[1], list(columns), "inputs"))
    head = _HINTS.split(_KIND.sub("", said.strip()), maxsplit=1)[0]
    return BadData(where, " ".join(head.split()).rstrip("!.") or "it cannot be answered")


def _find_place(said: str, query: str) -> list[str]:
    """Line and column, as far as they are told: DuckDB draws a sign below the place."""
    found = _LINE.search(said)
    if found is None:
        return []
    number = int(found[1])
    shown, _, below = said[found.start() :].partition("\n")
    offset = below.split("\n")[0].find("^") - len(found[0])
    lines = query.split("\n")
    text = shown.removeprefix(found[0]).strip(".").rstrip()
    # A long line is shown in part.
    begins = lines[number - 1].find(text) if 0 < number <= len(lines) else -1
    if offset < 0 or begins < 0:
        return [f"line {number}"]
    dots = 3 if shown.removeprefix(found[0]).startswith("...") else 0
    return [f"line {number}", f"column {begins + offset - dots + 1}"]


def _guess(name: str, names: Sequence[str], kind: str) -> str:
    nearest = find_nearest(name, names)
    return f"did you mean {nearest}?" if nearest else f"its {kind} are {_say_names(names, 'none')}"


def _say_names(names: Sequence[str], nothing: str) -> str:
    return (", ".join(names[:_MOST_SHOWN]) + (" ..." if len(names) > _MOST_SHOWN else "")) or nothing
