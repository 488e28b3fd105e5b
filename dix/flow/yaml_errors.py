"""The parser's complaints about YAML, in words that say what to do."""

from __future__ import annotations

import re
from typing import Any

import yaml

from dix.errors import Problem

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_QUOTE = "put the value in quotes"
# What libyaml says (the beginning of it) and what a person should do.
_ADVICE = (
    ("found character that cannot start any token", "a value cannot begin with this character; " + _QUOTE),
    ("mapping values are not allowed", "a value with ': ' in it needs quotes, and a key stands deeper than its parent"),
    ("did not find expected key", "check the indentation of this line, and that values with quotes in them are quoted"),
    ("could not find expected ':'", "a key needs ': ' after it, and lines of one mapping begin in the same column"),
    ("did not find expected '-' indicator", "the entries of a list begin in the same column, each with '- '"),
    ("did not find expected ',' or", "close the bracket, or put a comma between the entries"),
    ("found unexpected end of stream", "a quote is opened and not closed"),
    ("found unexpected document indicator", "a quote is opened and not closed"),
    (
        "found unknown escape character",
        "in double quotes a backslash begins an escape; write \\\\ or use single quotes",
    ),
    ("found invalid Unicode character escape code", "an escape names no character; write the character itself"),
    ("found undefined tag handle", "a value that begins with ! needs quotes"),
    ("block sequence entries are not allowed", "begin the list on a line of its own"),
    ("did not find expected node content", "a value is missing here"),
    ("did not find expected alphabetic or numeric", "a value that begins with & or * needs quotes"),
    ("did not find the expected comment or line break", "a | or > stands alone at the end of its line"),
)


def explain(error: yaml.YAMLError, text: str) -> Problem:
    """A problem with line, column, what was found and what to do."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    if mark is None:
        return Problem(None, None, "syntax", f"this is not YAML: {said}")
    line = _line_at(text, mark)
    return Problem(
        None,
        None,
        "syntax",
        f"line {mark.line + 1}, column {mark.column + 1} is not YAML: {said}; {_advise(said, line, mark)}",
    )


def split_lines(text: str) -> list[str]:
    """The lines as the parser counts them."""
    return _BREAK.split(text)


def _advise(said: str, line: str, mark: Any) -> str:
    if "\t" in line[: mark.column + 1] and line.lstrip(" ").startswith("\t"):
        return "the line begins with a tab; indent with spaces"
    before = line[: line.find("{{")].rstrip() if "{{" in line else ""
    if before and before[-1] not in "\"'":
        return 'put a value with a template in quotes, as in "{{ ds }}"'
    for beginning, advice in _ADVICE:
        if said.startswith(beginning):
            return advice
    return "correct this line"


def _line_at(text: str, mark: Any) -> str:
    """The line complained about; the one before it when that holds the template which the parser tripped over."""
    lines = split_lines(text)
    here = lines[mark.line] if mark.line < len(lines) else ""
    above = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
    return above if "{{" in above and "{{" not in here else here
