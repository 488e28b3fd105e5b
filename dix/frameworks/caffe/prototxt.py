"""Read protobuf's text format the way users' files need it: what is not known is noted, not refused.

protobuf's own reader either stops at the first field it does not know, or passes over all of them in silence. Files of
forks of Caffe have such fields; whoever reads them must be told which, by name and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import text_encoding, text_format

from dix.errors import BadData

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<word>[A-Za-z0-9_.+\-]+)
    |(?P<mark>[{}<>:\[\],;])""",
    re.VERBOSE,
)
_TRUE, _FALSE = {"true", "t", "True", "1"}, {"false", "f", "False", "0"}
_CLOSING = {"{": "}", "<": ">"}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field or value that the schema does not have: `path` as in `layer(conv1).permute_param`, `line` from 1."""

    path: str
    line: int


@dataclass(slots=True)
class _Reader:
    """The tokens of one file and the place in them."""

    uri: str
    tokens: list[tuple[str, str, int]]
    place: int = 0
    unknown: list[Unknown] = field(default_factory=list)

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def take(self) -> tuple[str, str, int]:
        if self.place >= len(self.tokens):
            raise BadData(self.uri, "it ends in the middle of a block", "close every { with a }")
        self.place += 1
        return self.tokens[self.place - 1]

    def skip_mark(self, mark: str) -> bool:
        if self.peek() == mark and self.tokens[self.place][0] == "mark":
            self.place += 1
            return True
        return False


def parse_text(uri: str, text: str, message: Any) -> list[Unknown]:
    """Fill `message` from text, and answer what the schema does not know; raises BadData with the line."""
    reader = _Reader(uri, _split(uri, text))
    while reader.place < len(reader.tokens):
        _read_field(reader, message, message.DESCRIPTOR.name)
    return reader.unknown


def format_text(message: Any) -> str:
    """The message as text."""
    text: str = text_format.MessageToString(message)
    return text


def _split(uri: str, text: str) -> list[tuple[str, str, int]]:
    tokens, place, line = [], 0, 1
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadData(uri, f"line {line}: {text[place]!r} does not belong into a prototxt")
        kind = match.lastgroup or ""
        if kind != "skip":
            tokens.append((kind, match.group(), line))
        line += match.group().count("\n")
        place = match.end()
    return tokens


def _read_field(reader: _Reader, message: Any, path: str) -> None:
    kind, name, line = reader.take()
    if kind != "word":
        raise BadData(reader.uri, f"line {line}: expected the name of a field, got {name}")
    has_colon = reader.skip_mark(":")
    described = message.DESCRIPTOR.fields_by_name.get(name)
    if described is None:
        reader.unknown.append(Unknown(f"{path}.{name}", line))
        _skip_value(reader)
    elif described.message_type is not None:
        _read_block(reader, message, described, path, line)
    elif not has_colon:
        raise BadData(reader.uri, f"line {line}: expected a colon after {name}")
    elif reader.skip_mark("["):
        while not reader.skip_mark("]"):
            _read_value(reader, message, described, path)
            reader.skip_mark(",")
    else:
        _read_value(reader, message, described, path)
    if not reader.skip_mark(","):
        reader.skip_mark(";")


def _read_block(reader: _Reader, message: Any, described: Any, path: str, line: int) -> None:
    opening = reader.take()[1]
    if opening not in _CLOSING:
        raise BadData(reader.uri, f"line {line}: expected a block {{ … }} after {described.name}, got {opening}")
    value = getattr(message, described.name)
    inner = value.add() if described.is_repeated else value
    if not described.is_repeated:
        inner.SetInParent()
    known = len(reader.unknown)
    while not reader.skip_mark(_CLOSING[opening]):
        _read_field(reader, inner, f"{path}.{described.name}")
    # The layer's name stands inside its block, so the paths noted there get it afterwards.
    title = getattr(inner, "name", "") if "name" in inner.DESCRIPTOR.fields_by_name else ""
    if title:
        head = f"{path}.{described.name}"
        reader.unknown[known:] = [
            Unknown(f"{described.name}({title}){note.path[len(head) :]}", note.line) for note in reader.unknown[known:]
        ]


def _read_value(reader: _Reader, message: Any, described: Any, path: str) -> None:
    kind, word, line = reader.take()
    try:
        value = _convert(reader, described, kind, word)
        if described.is_repeated:
            getattr(message, described.name).append(value)
        else:
            setattr(message, described.name, value)
    except KeyError:
        reader.unknown.append(Unknown(f"{path}.{described.name}: {word}", line))
    except (TypeError, ValueError) as error:
        raise BadData(reader.uri, f"line {line}: {described.name} cannot be {word}") from error


def _convert(reader: _Reader, described: Any, kind: str, word: str) -> Any:
    """A token as the field's type; KeyError for an enum's value that is not known, ValueError for the wrong type."""
    kinds = type(described)
    if described.type in {kinds.TYPE_STRING, kinds.TYPE_BYTES}:
        return _read_string(reader, described.type == kinds.TYPE_BYTES, kind, word)
    if described.type == kinds.TYPE_ENUM:
        is_number = word.lstrip("-").isdigit()
        return int(word) if is_number else described.enum_type.values_by_name[word].number
    if kind != "word":
        raise ValueError(word)
    if described.type == kinds.TYPE_BOOL:
        if word not in _TRUE | _FALSE:
            raise ValueError(word)
        return word in _TRUE
    if described.type in {kinds.TYPE_FLOAT, kinds.TYPE_DOUBLE}:
        return float(word.rstrip("fF") if not word.lower().lstrip("+-").startswith(("inf", "nan")) else word)
    return int(word, 0) if word.lower().startswith(("0x", "-0x")) else int(word)


def _read_string(reader: _Reader, is_bytes: bool, kind: str, word: str) -> str | bytes:  # noqa: FBT001
    if kind != "text":
        raise ValueError(word)
    parts = [word]
    while reader.place < len(reader.tokens) and reader.tokens[reader.place][0] == "text":
        parts.append(reader.take()[1])
    raw = b"".join(text_encoding.CUnescape(part[1:-1]) for part in parts)
    return raw if is_bytes else raw.decode("utf-8")


def _skip_value(reader: _Reader) -> None:
    """Pass over the value of a field that is not known: a word, a list or a block."""
    _, word, _ = reader.take()
    if word not in {"{", "<", "["}:
        return
    depth = 1
    while depth:
        kind, word, _ = reader.take()
        if kind == "mark":
            depth += (word in "{<[") - (word in "}>]")
