"""What a document may say and the engine cannot do yet: refused before the run, never passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.document import AlgorithmNode
from dix.flow.rendering import ReadyFlow
from dix.flow.spec import AlgorithmSpecs


def find_not_yet(doc: ReadyFlow, specs: AlgorithmSpecs) -> tuple[Problem, ...]:
    """A problem for each field that would be ignored; muted nodes may say what they like."""
    return tuple(
        Problem(name, field, "not-yet", f"{what} is not there yet; {todo}")
        for name, node in doc.nodes.items()
        if not node.muted
        for field, what, todo in _find(doc, specs, name)
    )


def _find(doc: ReadyFlow, specs: AlgorithmSpecs, name: str) -> Iterator[tuple[str, str, str]]:
    node, needs = doc.nodes[name], doc.needs[name]
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    if needs.workers <= 1:
        return
    if spec is None or not spec.spreads:
        what = "a step" if spec is None else spec.name
        yield "resources.workers", f"{what} on several workers", "leave it out, or say 1"
    elif isinstance(node, AlgorithmNode) and (node.framework or spec.frameworks[0]) not in spec.spreads:
        what = f"{spec.name} on several workers with {node.framework}"
        yield "resources.workers", what, f"leave it out, or say framework: {' or '.join(spec.spreads)}"
