"""A document as plain mappings, lists and values, before anything in it means something; and how large it may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dix.errors import BadDocument, Problem

MAX_BYTES = 8 * 2**20
MAX_DEPTH = 50

# YAML's own printable characters (1.2.2, section 5.1).
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Tree:
    """What a text says, and what is wrong with it that did not keep us from reading on."""

    value: Any
    problems: tuple[Problem, ...] = ()


def check_raw(text: str | bytes) -> str:
    """The text of a document before it is parsed; raises BadDocument when it is too large or not UTF-8."""
    size = len(text) if isinstance(text, bytes) or len(text) > MAX_BYTES else len(text.encode(errors="replace"))
    if size > MAX_BYTES:
        raise refuse("size", f"a flow document has at most {MAX_BYTES >> 20} MiB, this one has {size / 2**20:.1f} MiB")
    decoded = _decode(text) if isinstance(text, bytes) else text
    return decoded.removeprefix("\ufeff")


def check_printable(text: str) -> None:
    """Raise BadDocument for a character that YAML does not have; the parser would give no line."""
    found = _UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        what = f"line {line} has the character U+{ord(found[0]):04X}, which no text file should have; remove it"
        raise refuse("encoding", f"{what}, or write it as an escape in double quotes")


def place_of(path: Iterable[str | int]) -> tuple[str | None, str | None]:
    """Node and field of a path from the top of a document."""
    parts = [str(part) for part in path]
    if len(parts) > 1 and parts[0] == "nodes":
        return parts[1], ".".join(parts[2:]) or None
    return None, ".".join(parts) or None


def problem_at(path: Iterable[str | int], rule: str, message: str) -> Problem:
    """A problem at a path from the top of a document."""
    node, field = place_of(path)
    return Problem(node, field, rule, message)


def refuse(rule: str, message: str) -> BadDocument:
    """The error for a document that cannot be read on."""
    return BadDocument((Problem(None, None, rule, message),))


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
        what = "it looks like UTF-16" if wide else f"line {line} is not valid UTF-8"
        raise refuse("encoding", f"a flow document is UTF-8 text, but {what}; save it as UTF-8") from error
