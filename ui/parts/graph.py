"""A flow or a run as a read-only graph; what is drawn here can be looked at, moved about and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from streamlit_agraph import Config, Edge, Node, agraph

from dix.client.pictures.graphs import LINE
from dix.client.pictures.layers import ROW_GAP, place_nodes
from dix.client.pictures.nodes import find_trainers, make_shape
from dix.client.pictures.shapes import CIRCLE, WIDTH, draw_shape
from dix.flow.document import FlowDoc
from dix.flow.graph import edges, topological_order
from dix.records.states import StepState

MIN_HEIGHT, MAX_HEIGHT = 180, 620


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
