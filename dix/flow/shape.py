"""A tree into a `FlowDoc`, with every problem of shape: unknown fields, wrong types, missing values, bad names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dix.errors import Problem
from dix.flow.document import NODE_KINDS, FlowDoc
from dix.flow.nearest import Nearest
from dix.flow.shape_words import Place, describe

_SKIP = object()
_GIVEN = {"dix": 1, "name": "unnamed"}


@dataclass(frozen=True, slots=True)
class Shaped:
    """What could be understood (None: nothing), what is wrong, and the nodes too broken to be kept."""

    doc: FlowDoc | None
    problems: tuple[Problem, ...] = ()
    broken: frozenset[str] = frozenset()


def shape_flow(value: Any) -> Shaped:
    """Understand a tree as a flow document, as far as that goes."""
    if not isinstance(value, dict):
        what = "the document is empty" if value is None else "the document is not a mapping of fields"
        return Shaped(None, (Problem(None, None, "type", f"{what}; begin with `dix: 1`, `name:` and `nodes:`"),))
    try:
        return Shaped(FlowDoc.model_validate(value))
    except ValidationError as error:
        return _salvage(value, error.errors(include_url=False))


def _salvage(value: dict[str, Any], errors: list[ErrorDetails]) -> Shaped:
    """Tell the problems, and keep what is sound, so that the rest of the document can be checked too."""
    places = [(_place(error), error) for error in errors]
    rest, broken = _cut(value, places)
    try:
        doc = FlowDoc.model_validate(rest)
    except ValidationError:
        doc = None
    nearest = Nearest()
    return Shaped(doc, tuple(describe(place, error, nearest) for place, error in places), broken)


def _cut(value: dict[str, Any], places: Iterable[tuple[Place, ErrorDetails]]) -> tuple[dict[str, Any], frozenset[str]]:
    """The tree without the fields and nodes that are wrong; what a flow must have besides is filled in."""
    rest = {**_GIVEN, **value}
    cuts: dict[str, set[str | int]] = {}
    broken: set[str] = set()
    for place, error in places:
        path = place.path
        if path[0] == "params" and len(path) > 1:
            cuts.setdefault("", set()).add(path[1])
        elif path[0] != "nodes":
            rest[str(path[0])] = _GIVEN.get(str(path[0]), _SKIP)
        elif len(path) > 3 or (len(path) == 3 and error["type"] != "missing"):
            cuts.setdefault(str(path[1]), set()).add(path[2])
        elif len(path) > 1:
            broken.add(str(path[1]))
    if "" in cuts:
        rest["params"] = _without(rest["params"], cuts[""])
    nodes = value["nodes"] if isinstance(value.get("nodes"), dict) else {}
    nodes = {name: _without(node, cuts.get(name, set())) for name, node in nodes.items() if name not in broken}
    broken |= {name for name, node in nodes.items() if not _is_whole(node)}
    sound = {name: node for name, node in nodes.items() if name not in broken}
    return {**{key: each for key, each in rest.items() if each is not _SKIP}, "nodes": sound}, frozenset(broken)


def _without(fields: dict[str, Any], names: set[str | int]) -> dict[str, Any]:
    return {key: each for key, each in fields.items() if key not in names} if names else fields


def _is_whole(node: dict[str, Any]) -> bool:
    """Whether everything a node of its kind must have is still there."""
    shape = NODE_KINDS[node["kind"]]
    return all(name in node for name, field in shape.model_fields.items() if field.is_required())


def _place(error: ErrorDetails) -> Place:
    """Where in the document: pydantic's own path has the node's kind in it, and marks keys."""
    path = error["loc"]
    is_key = path[-1:] == ("[key]",)
    if is_key:
        path = path[:-1]
    if path[0] != "nodes" or len(path) < 2:
        return Place(path, None, is_key)
    if len(path) > 2:
        return Place((*path[:2], *path[3:]), str(path[2]), is_key)
    return Place(path, None, is_key)
