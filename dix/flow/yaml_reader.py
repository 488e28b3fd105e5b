"""YAML text into a tree, from the parser's events and without recursion, so every bound holds before it is passed.

PyYAML's own loader reads YAML 1.1, keeps the last of two equal keys, and follows aliases and nesting as far as memory
reaches; so only its parser is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import yaml

from dix.errors import BadDocument, BadValue, Problem
from dix.flow.scalars import resolve_plain
from dix.flow.tree import MAX_BYTES, MAX_DEPTH, Tree, check_printable, problem_at, refuse
from dix.flow.yaml_errors import explain, split_lines

_MOST_PROBLEMS = 10_000
_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {
    f"{_TAG}int": (int,),
    f"{_TAG}float": (float, int),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (type(None),),
}
_STRUCTURE_TAGS = frozenset({None, "!", f"{_TAG}map", f"{_TAG}seq"})


def read_yaml(text: str) -> Tree:
    """Read one YAML document; raises BadDocument where it cannot be read on, keeps other problems in the tree."""
    check_printable(text)
    builder = _Builder(text)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise BadDocument((*builder.problems, explain(error, text))) from error
    except BadDocument as error:
        raise BadDocument((*builder.problems, *error.problems)) from error
    return Tree(builder.value, tuple(builder.problems))


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open. `weight` counts the characters in it, aliases written out."""

    container: Any
    anchor: str | None
    weight: int = 1
    height: int = 1
    key: Any = None
    keys: dict[str, int] = field(default_factory=dict)

    @property
    def wants_key(self) -> bool:
        return self.key is None and isinstance(self.container, dict)


class _NoKey:
    """Stands for a key that is not to be used; its value is read and dropped."""


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    weight: int
    height: int


class _Builder:
    """Puts events together; `value` is the whole once all have been taken."""

    def __init__(self, text: str) -> None:
        self.value: Any = None
        self.problems: list[Problem] = []
        self._text = text
        self._lines: list[str] | None = None  # set when first asked for
        self._open: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._documents = 0
        self._takers = {
            yaml.ScalarEvent: self._take_scalar,
            yaml.MappingStartEvent: self._take_start,
            yaml.SequenceStartEvent: self._take_start,
            yaml.MappingEndEvent: self._take_end,
            yaml.SequenceEndEvent: self._take_end,
            yaml.AliasEvent: self._take_alias,
            yaml.DocumentStartEvent: self._take_document,
        }

    def take(self, event: Any) -> None:
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)

    def _take_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            line = event.start_mark.line + 1
            raise refuse("syntax", f"line {line} begins a second document; a file has one flow, so take the --- away")

    def _take_scalar(self, event: Any) -> None:
        value = self._scalar_value(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, len(event.value) + 1, 0)
        self._put(value, len(event.value) + 1, 0, event)

    def _take_start(self, event: Any) -> None:
        if event.tag not in _STRUCTURE_TAGS:
            self._report_tag(event)
        if len(self._open) >= MAX_DEPTH:
            raise refuse("depth", f"line {_line(event)} is nested more than {MAX_DEPTH} levels deep; write it flatter")
        if self._open and self._open[-1].wants_key:
            self._report_complex_key(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Frame(container, event.anchor))

    def _take_end(self, event: Any) -> None:
        frame = self._open.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = _Anchored(frame.container, frame.weight, frame.height)
        self._put(frame.container, frame.weight, frame.height, event)

    def _take_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise refuse(
                "alias", f"line {_line(event)}: *{event.anchor} stands for nothing; set &{event.anchor} before"
            )
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise refuse(
                "alias", f"line {_line(event)}: *{event.anchor} stands inside what it stands for; write it out"
            )
        if len(self._open) + anchored.height > MAX_DEPTH:
            raise refuse("depth", f"line {_line(event)}: *{event.anchor} nests more than {MAX_DEPTH} levels deep")
        self._put(anchored.value, anchored.weight, anchored.height, event)

    def _put(self, value: Any, weight: int, height: int, event: Any) -> None:
        """Give a finished value to what is open."""
        if not self._open:
            self.value = value
            return
        frame = self._open[-1]
        frame.weight += weight
        frame.height = max(frame.height, height + 1)
        if frame.weight > MAX_BYTES:
            what = f"with its aliases (*name) written out, the document has more than {MAX_BYTES >> 20} MiB"
            raise refuse("alias", f"{what} at line {_line(event)}; use fewer of them")
        if type(frame.container) is list:
            frame.container.append(value)
        elif frame.key is None:
            frame.key = self._check_key(frame, value, event)
        else:
            if frame.key is not _NoKey:
                frame.container[frame.key] = value
            frame.key = None

    def _check_key(self, frame: _Frame, key: Any, event: Any) -> Any:
        if not isinstance(key, str):
            if not isinstance(key, dict | list):  # told when it began
                what = f"line {_line(event)}: a key is text, this one is {_shown(key)}; put it in quotes"
                self._tell(problem_at(self._path(), "key", what), event)
            return _NoKey
        if key in frame.keys:
            what = f"{key!r} is written twice, in lines {frame.keys[key]} and {_line(event)}; keep one of them"
            self._tell(problem_at((*self._path(), key), "duplicate-key", what), event)
            return _NoKey
        frame.keys[key] = _line(event)
        return key

    def _scalar_value(self, event: Any) -> Any:
        text = event.value
        if event.tag is None and not event.implicit[0]:
            return self._check_quoted(text, event)
        if event.tag in {"!", f"{_TAG}str"}:
            return self._check_quoted(text, event)
        try:
            value = resolve_plain(text)
        except BadValue as error:
            self._report("number", f"expected {error.fact('expected')}, got {text[:24]}; {error.fact('todo')}", event)
            return None
        if event.tag is not None and not isinstance(value, _TAGGED.get(event.tag, ())):
            self._report_tag(event)
        if type(value) is float and not math.isfinite(value):
            what = f"{text[:24]} is a number that JSON cannot carry; give a finite one such as 1.0e+300"
            self._report("number", what, event)
            return None
        return value

    def _check_quoted(self, text: str, event: Any) -> str:
        if "\0" not in text:
            return str(text)
        self._report("encoding", "a text has the character U+0000, which no file name or value can carry", event)
        return str(text.replace("\0", ""))

    def _report(self, rule: str, message: str, event: Any) -> None:
        self._tell(problem_at(self._path(), rule, f"line {_line(event)}: {message}"), event)

    def _tell(self, problem: Problem, event: Any) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MOST_PROBLEMS:
            what = f"up to line {_line(event)} there are {_MOST_PROBLEMS} problems; correct these first"
            raise refuse("syntax", what)

    def _report_tag(self, event: Any) -> None:
        tag = str(event.tag).replace(_TAG, "!!")
        self._report("tag", f"the tag {tag} cannot be used here; write the plain value", event)

    def _report_complex_key(self, event: Any) -> None:
        if self._lines is None:
            self._lines = split_lines(self._text)
        hint = (
            'put the template in quotes, as in "{{ ds }}"'
            if "{{" in self._lines[_line(event) - 1]
            else "give it a name as its key"
        )
        self._report("key", f"a key is text, this one is a mapping or a list; {hint}", event)

    def _path(self) -> tuple[str | int, ...]:
        """Where we are, from the top."""
        parts: list[str | int] = []
        for frame in self._open:
            if isinstance(frame.container, list):
                parts.append(len(frame.container))
            elif isinstance(frame.key, str):
                parts.append(frame.key)
        return tuple(parts)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else f"the number {value}"
