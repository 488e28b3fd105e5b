"""What is drawn for the nodes of a document: shape, words, colour, flask."""

from __future__ import annotations

from dix.client.pictures.looks import BLUE, GRAY, GREEN, VIOLET, Look, get_look
from dix.client.pictures.shapes import Kind, Shape
from dix.flow.document import AlgorithmNode, DataNode, FlowDoc, ModelNode
from dix.flow.document import Node as DocNode
from dix.records.states import StepState, step_is_done

_LOOK_OF_KIND: dict[Kind, Look] = {
    Kind.DATA: GREEN,
    Kind.ALGORITHM: BLUE,
    Kind.MODEL: VIOLET,
    Kind.FLOW: GRAY,
}


def find_trainers(doc: FlowDoc) -> frozenset[str]:
    """The nodes that have a flask: what they train has a name, or a circle uses it."""
    used = {node.model for node in doc.nodes.values() if isinstance(node, ModelNode)}
    return frozenset(
        name for name, node in doc.nodes.items() if isinstance(node, AlgorithmNode) and (node.model or name in used)
    )


def make_shape(name: str, node: DocNode, state: StepState | None, trains: bool) -> Shape:  # noqa: FBT001 - one of many facts
    """What is drawn for a node."""
    kind = Kind(node.kind)
    flask = (state is not None and step_is_done(state)) if trains else None
    subtitle = describe_node(node) if state is None else state.value
    look = _LOOK_OF_KIND[kind] if state is None else get_look(state)
    return Shape(name, kind, node.title or name, subtitle, look, flask)


def describe_node(node: DocNode) -> str:
    """The second line of a node: what it does, in a word."""
    if isinstance(node, DataNode):
        return "data"
    if isinstance(node, AlgorithmNode):
        return f"{node.algorithm} · {node.framework}" if node.framework else node.algorithm
    return "model" if isinstance(node, ModelNode) else f"flow {node.flow}"
