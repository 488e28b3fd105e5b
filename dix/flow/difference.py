"""What is different between two flow documents: nodes that came and went, and each field that is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dix.flow.canonical import to_canonical
from dix.flow.document import FlowDoc


class Kind(StrEnum):
    """What became of something between the first document and the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is different: a whole node (`field` is None), a field of a node, or of the flow (`node` is None).

    A field inside of another is named with dots: `params.learning_rate`. A value that is not there is None.
    """

    node: str | None
    field: str | None
    kind: Kind
    before: Any = None
    after: Any = None


def compare_flows(first: FlowDoc, second: FlowDoc) -> tuple[Difference, ...]:
    """All differences in meaning, the flow's own first, then node by node; none for two ways of writing the same.

    The layout is one field: where something lies on the canvas is not told apart.
    """
    before, after = to_canonical(first), to_canonical(second)
    nodes_before, nodes_after = before.pop("nodes"), after.pop("nodes")
    found = list(_compare_fields(None, before, after))
    for node in dict.fromkeys((*nodes_before, *nodes_after)):
        if node not in nodes_before:
            found.append(Difference(node, None, Kind.ADDED, after=nodes_after[node]))
        elif node not in nodes_after:
            found.append(Difference(node, None, Kind.REMOVED, before=nodes_before[node]))
        else:
            found.extend(_compare_fields(node, nodes_before[node], nodes_after[node]))
    return tuple(found)


def _compare_fields(
    node: str | None, before: dict[str, Any], after: dict[str, Any], path: str = ""
) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        field = f"{path}{name}"
        old, new = before.get(name), after.get(name)
        if name not in before:
            yield Difference(node, field, Kind.ADDED, after=new)
        elif name not in after:
            yield Difference(node, field, Kind.REMOVED, before=old)
        elif isinstance(old, dict) and isinstance(new, dict) and field != "layout":
            yield from _compare_fields(node, old, new, f"{field}.")
        elif not _is_same(old, new):
            yield Difference(node, field, Kind.CHANGED, old, new)


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values mean the same: 1 is not true, and not 1.0."""
    return bool(old == new) and repr(old) == repr(new)
