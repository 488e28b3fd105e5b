"""What a document may say and the engine cannot do yet: refused before the run, never passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.rendering import ReadyFlow


def find_not_yet(doc: ReadyFlow) -> tuple[Problem, ...]:
    """A problem for each field that would be ignored; muted nodes may say what they like."""
    return tuple(
        Problem(name, field, "not-yet", f"{what} is not there yet; {todo}")
        for name, node in doc.nodes.items()
        if not node.muted
        for field, what, todo in _find(doc, name)
    )


def _find(doc: ReadyFlow, name: str) -> Iterator[tuple[str, str, str]]:
    needs = doc.needs[name]
    if needs.workers > 1:
        yield "resources.workers", "a step on several workers", "leave it out, or say 1"
