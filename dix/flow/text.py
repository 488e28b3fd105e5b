"""A flow document as text: reading it, writing it, and the canonical form that its hash is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from dix.errors import BadDocument, BadValue, Problem
from dix.flow.canonical import settle_layout, to_canonical
from dix.flow.document import Defaults, FlowDoc
from dix.flow.json_reader import read_json
from dix.flow.scalars import Scalar, resolve_plain
from dix.flow.shape import Shaped, shape_flow
from dix.flow.tree import Tree, check_raw
from dix.flow.writer import write_yaml
from dix.flow.yaml_reader import read_yaml


def read_flow(text: str | bytes) -> FlowDoc:
    """Read YAML (1.2 core schema) or JSON; raises BadDocument with every problem of syntax and shape.

    `check_text` in check.py reads too, and tells what `check_flow` finds in the sound parts in the same breath.
    """
    shaped = shape_text(text)
    if shaped.problems or shaped.doc is None:
        raise BadDocument(shaped.problems)
    return shaped.doc


def shape_text(text: str | bytes) -> Shaped:
    """Read as far as that goes, problems beside what could be understood; BadDocument where nothing could be read."""
    raw = check_raw(text)
    tree = _read_tree(raw)
    shaped = shape_flow(tree.value)
    problems = (*tree.problems, *_unless_told(shaped.problems, tree.problems))
    return Shaped(shaped.doc, problems, shaped.broken)


def write_flow(doc: FlowDoc) -> str:
    """The document as YAML for people: what has its default is left out; reading it again gives an equal document."""
    whole = doc.model_dump(mode="json", exclude_defaults=True)
    whole["nodes"] = {name: dict(sorted(node.items(), key=_rank)) for name, node in whole["nodes"].items()}
    settle_layout(whole)
    return write_yaml(whole)


def canonical_text(doc: FlowDoc) -> str:
    """The one text of all equal documents: JSON with sorted keys, no spaces, defaults left out, quantities as numbers.

    Comments, the order of keys and equal ways of writing a value (`1e-3` and `0.001`, `1GiB` and `1024Mi`, quotes, YAML
    or JSON) make no difference. The layout does count: it has no effect on runs, but a moved node is a new drawing, and
    a version keeps the drawing.
    """
    return json.dumps(to_canonical(doc), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_flow(doc: FlowDoc) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical_text(doc).encode()).hexdigest()


def read_scalar(text: str) -> Scalar:
    """The value of one YAML 1.2 scalar, as in `-p k=v`; raises BadValue for what is not one."""
    stripped = text.strip(" \t\r\n")
    if stripped[:1] in {'"', "'"}:
        return _read_quoted(stripped)
    if stripped and stripped[0] in "[]{},#&*!|>%@`":
        todo = f'put it in quotes: "{stripped[:24]}"'
        raise BadValue("value", "a number, true, false, null or text", stripped[:60], todo)
    return resolve_plain(stripped)


def _read_quoted(text: str) -> str:
    try:
        value = read_yaml(text).value
    except BadDocument as error:
        raise BadValue("value", "text with its quotes closed", text[:60], "quote the whole text once") from error
    if not isinstance(value, str):
        raise BadValue("value", "text with its quotes closed", text[:60], "quote the whole text once")
    return value


def _read_tree(raw: str) -> Tree:
    """JSON where it is JSON; JSON that is not quite is told as JSON unless YAML can read it."""
    begin = raw.lstrip(" \t\r\n")
    if begin[:1] not in {"{", "["}:
        return read_yaml(raw)
    try:
        return read_json(raw)
    except ValueError as error:
        return _read_flow_style(raw, error, is_json=begin[1:].lstrip(" \t\r\n")[:1] == '"')


def _read_flow_style(raw: str, error: ValueError, *, is_json: bool) -> Tree:
    try:
        return read_yaml(raw)
    except BadDocument:
        if not is_json:
            raise
        said = f"this is not JSON: {error}; correct it there"
        raise BadDocument((Problem(None, None, "syntax", said),)) from error


def _rank(entry: tuple[str, Any]) -> int:
    """What a node is before what it needs: kind and title, then its own fields, then what all nodes may have."""
    first = {"kind": 0, "title": 1, "muted": 2, "secrets": 5}
    return first.get(entry[0], 4 if entry[0] in Defaults.model_fields else 3)


def _unless_told(problems: Iterable[Problem], told: Iterable[Problem]) -> list[Problem]:
    """Without what only follows from a problem told before at the same place."""
    places = {(problem.node, problem.field) for problem in told}
    return [problem for problem in problems if (problem.node, problem.field) not in places]
