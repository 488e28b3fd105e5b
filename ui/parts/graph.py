"""A flow or a run as a read-only graph; what is drawn here can be looked at, moved about and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from streamlit_agraph import Config, Edge, Node, agraph

from dix.flow.document import AlgorithmNode, DataNode, FlowDoc, ModelNode
from dix.flow.document import Node as DocNode
from dix.flow.graph import edges, topological_order
from dix.records.states import StepState, step_is_done
from ui.parts.badges import BLUE, GRAY, GREEN, VIOLET, Look, get_look
from ui.parts.layers import ROW_GAP, place_nodes
from ui.parts.shapes import CIRCLE, WIDTH, Kind, Shape, draw_shape

LINE = "#8b95a5"
MIN_HEIGHT, MAX_HEIGHT = 180, 620
# A browser draws this many at ease; a larger flow is told in its table.
MAX_NODES = 300
_LOOK_OF_KIND: dict[Kind, Look] = {
    Kind.DATA: GREEN,
    Kind.ALGORITHM: BLUE,
    Kind.MODEL: VIOLET,
    Kind.FLOW: GRAY,
}


def draw_flow(doc: FlowDoc, states: Mapping[str, StepState] | None = None) -> None:
    """The graph of a document; with `states` (of a run) every node has the colour of its state."""
    links = tuple(dict.fromkeys((edge.source, edge.target) for edge in edges(doc)))
    places = place_nodes(topological_order(doc), links)
    trainers = find_trainers(doc)
    nodes = []
    for name, node in doc.nodes.items():
        picture = draw_shape(make_shape(name, node, (states or {}).get(name), name in trainers))
        x, y = places[name]
        drawn = Node(id=name, shape="image", image=picture, x=x, y=y, shapeProperties={"useImageSize": True})
        # Shown as HTML, and a double click opens it as an address: so nothing that a user wrote may stand here.
        drawn.title = ""
        nodes.append(drawn)
    nodes += _make_corners(places)
    agraph(nodes, [Edge(source, target, color=LINE, width=1.5) for source, target in links], _make_config(places))


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


def _make_corners(places: Mapping[str, tuple[float, float]]) -> list[Node]:
    """Two nodes that nobody sees, outside of all others: the view is fitted before the pictures' sizes are known."""
    xs, ys = zip(*places.values(), strict=True)
    points = ((min(xs) - WIDTH * 0.6, min(ys) - CIRCLE * 0.6), (max(xs) + WIDTH * 0.6, max(ys) + CIRCLE * 0.6))
    corners = []
    for number, (x, y) in enumerate(points):
        corner = Node(id=f"corner {number}", shape="dot", size=0, x=x, y=y, color="transparent", chosen=False)
        corner.title = ""
        corners.append(corner)
    return corners


def _make_config(places: Mapping[str, tuple[float, float]]) -> Config:
    ys = [y for _, y in places.values()]
    height = min(max(int(max(ys) - min(ys) + ROW_GAP + 40), MIN_HEIGHT), MAX_HEIGHT)
    config = Config(height=height, physics=False, groups={}, layout={"hierarchical": {"enabled": False}})
    config.width = "100%"
    config.interaction = {"dragNodes": False, "zoomView": True, "hover": False}
    config.edges = {"smooth": {"type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.5}}
    return config
