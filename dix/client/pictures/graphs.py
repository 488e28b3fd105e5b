"""Draws a whole flow as one SVG: hexagons, rectangles with their flasks, circles, and what flows between them."""

from __future__ import annotations

from collections.abc import Mapping

from dix.client.pictures.layers import place_nodes
from dix.client.pictures.nodes import find_trainers, make_shape
from dix.client.pictures.shapes import CIRCLE, HEIGHT, WIDTH, make_svg
from dix.flow.document import FlowDoc
from dix.flow.graph import edges, topological_order
from dix.records.states import StepState

LINE = "#8b95a5"
# A browser draws this many at ease; of a larger flow the first ones are drawn, and the dashboard tells it in a table.
MAX_NODES = 300
_MARGIN = 8.0

Place = tuple[float, float]


def draw_graph(doc: FlowDoc, states: Mapping[str, StepState] | None = None) -> str:
    """The picture; with `states` (of a run) every node has the colour of its state. BadDocument for a cycle."""
    names = topological_order(doc)[:MAX_NODES]
    shown = set(names)
    links = dict.fromkeys((edge.source, edge.target) for edge in edges(doc))
    kept = tuple(link for link in links if shown.issuperset(link))
    places = place_nodes(names, kept)
    left = min(x - _half(doc, name)[0] for name, (x, _) in places.items()) - _MARGIN
    top = min(y - _half(doc, name)[1] for name, (_, y) in places.items()) - _MARGIN
    width = max(x + _half(doc, name)[0] for name, (x, _) in places.items()) + _MARGIN - left
    height = max(y + _half(doc, name)[1] for name, (_, y) in places.items()) + _MARGIN - top
    lines = "".join(_draw_line(doc, places, source, target) for source, target in kept)
    trainers = find_trainers(doc)
    nodes = "".join(_draw_node(doc, name, places[name], (states or {}).get(name), name in trainers) for name in names)
    view = f"{left:g} {top:g} {width:g} {height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}" viewBox="{view}" '
        f'style="max-width:100%;height:auto">{lines}{nodes}</svg>'
    )


def _half(doc: FlowDoc, name: str) -> Place:
    """Half the width and half the height of a node."""
    is_circle = doc.nodes[name].kind == "model"
    return (CIRCLE / 2, CIRCLE / 2) if is_circle else (WIDTH / 2, HEIGHT / 2)


def _draw_line(doc: FlowDoc, places: Mapping[str, Place], source: str, target: str) -> str:
    """From the right end of one node to the left end of another."""
    begin, end = places[source][0] + _half(doc, source)[0], places[target][0] - _half(doc, target)[0]
    middle, y, to_y = (begin + end) / 2, places[source][1], places[target][1]
    path = f"M{begin:g},{y:g} C{middle:g},{y:g} {middle:g},{to_y:g} {end:g},{to_y:g}"
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5"/>'


def _draw_node(doc: FlowDoc, name: str, place: Place, state: StepState | None, trains: bool) -> str:  # noqa: FBT001 - one of many facts
    half_width, half_height = _half(doc, name)
    picture = make_svg(make_shape(name, doc.nodes[name], state, trains))
    return picture.replace("<svg ", f'<svg x="{place[0] - half_width:g}" y="{place[1] - half_height:g}" ', 1)
