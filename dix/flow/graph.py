"""The flow as a graph: its edges, an order in which each node follows what it needs, and its cycles."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dix.errors import BadDocument, Problem
from dix.flow.document import DataNode, FlowDoc, ModelNode, Node
from dix.flow.ports import default_output
from dix.flow.spec import AlgorithmSpecs
from dix.names import is_identifier

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Edge:
    """One connection. `source_port` is None where the document leaves it to the node's default output."""

    source: str
    source_port: str | None
    target: str
    target_port: str


def read_source(text: str) -> tuple[str, str | None]:
    """Node and port of `node` or `node.port`."""
    node, dot, port = text.partition(".")
    return node, port if dot else None


def list_inputs(node: Node) -> dict[str, str]:
    """What flows into a node, by port; a circle's `model` counts when it names a node of the flow."""
    if isinstance(node, DataNode):
        return {}
    if isinstance(node, ModelNode) and is_identifier(node.model):
        return {"model": f"{node.model}.model", **node.inputs}
    return dict(node.inputs)


def edges(doc: FlowDoc, specs: AlgorithmSpecs | None = None) -> tuple[Edge, ...]:
    """All edges between nodes that exist, in document order. With `specs`, default outputs get their port's name."""
    return tuple(_edges(doc, specs))


def topological_order(doc: FlowDoc) -> tuple[str, ...]:
    """Every node after all it needs, in document order where that leaves a choice; BadDocument names the cycles."""
    place = {name: index for index, name in enumerate(doc.nodes)}
    names = list(doc.nodes)
    after = successors(doc)
    missing = dict.fromkeys(doc.nodes, 0)
    for targets in after.values():
        for target in targets:
            missing[target] += 1
    ready = [place[name] for name, count in missing.items() if count == 0]
    order: list[str] = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for target in after[name]:
            missing[target] -= 1
            if missing[target] == 0:
                heapq.heappush(ready, place[target])
    if len(order) < len(names):
        raise BadDocument(cycle_problems(doc))
    return tuple(order)


def successors(doc: FlowDoc) -> dict[str, tuple[str, ...]]:
    """For each node the nodes that need it, each once."""
    after: dict[str, dict[str, None]] = {name: {} for name in doc.nodes}
    for edge in _edges(doc, None):
        after[edge.source][edge.target] = None
    return {name: tuple(targets) for name, targets in after.items()}


def predecessors(doc: FlowDoc) -> dict[str, tuple[str, ...]]:
    """For each node the nodes it needs, each once."""
    before: dict[str, dict[str, None]] = {name: {} for name in doc.nodes}
    for edge in _edges(doc, None):
        before[edge.target][edge.source] = None
    return {name: tuple(sources) for name, sources in before.items()}


def reachable(steps: Mapping[str, Iterable[str]], start: Iterable[str]) -> frozenset[str]:
    """All nodes reached from `start` (which are among them) along `successors` or `predecessors`."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(steps[name])
    return frozenset(seen)


def find_cycles(doc: FlowDoc) -> tuple[tuple[str, ...], ...]:
    """One cycle for each knot of nodes that need each other, its first node again at the end."""
    after = successors(doc)
    place = {name: index for index, name in enumerate(doc.nodes)}
    knots = [knot for knot in _Knots(after).found if len(knot) > 1 or knot[0] in after[knot[0]]]
    cycles = [_walk_round(min(knot, key=place.__getitem__), frozenset(knot), after) for knot in knots]
    return tuple(sorted(cycles, key=lambda cycle: place[cycle[0]]))


def cycle_problems(doc: FlowDoc) -> tuple[Problem, ...]:
    """A problem for each cycle, naming it."""
    return tuple(_cycle_problem(cycle) for cycle in find_cycles(doc))


def _edges(doc: FlowDoc, specs: AlgorithmSpecs | None) -> Iterator[Edge]:
    for target, node in doc.nodes.items():
        for port, text in list_inputs(node).items():
            source, source_port = read_source(text)
            if source not in doc.nodes:
                continue
            if source_port is None and specs is not None:
                source_port = default_output(doc.nodes[source], specs)
            yield Edge(source, source_port, target, port)


def _cycle_problem(cycle: tuple[str, ...]) -> Problem:
    shown = cycle if len(cycle) <= _SHOWN else (*cycle[: _SHOWN - 2], f"({len(cycle) - _SHOWN + 1} more)", cycle[-1])
    what = f"{' → '.join(shown)} is a cycle, so none of these nodes could ever start; take one of the edges away"
    return Problem(cycle[0], "inputs", "cycle", what)


def _walk_round(first: str, knot: frozenset[str], after: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A shortest way from `first` back to itself, inside its knot."""
    came_from: dict[str, str] = {}
    front = [first]
    while first not in came_from:
        reached: list[str] = []
        for name in front:
            for target in after[name]:
                if target in knot and target not in came_from:
                    came_from[target] = name
                    reached.append(target)
        front = reached
    way = [first, came_from[first]]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))


class _Knots:
    """The strongly connected components, each found when its first node is left.

    Tarjan, "Depth-first search and linear graph algorithms" (1972), with a stack of our own in place of recursion.
    """

    def __init__(self, after: dict[str, tuple[str, ...]]) -> None:
        self.found: list[list[str]] = []
        self._after = after
        self._number: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        for root in after:
            if root not in self._number:
                self._search(root)

    def _search(self, root: str) -> None:
        way = [self._enter(root)]
        while way:
            name, targets = way[-1]
            target = next((each for each in targets if each not in self._number or each in self._open), None)
            if target is None:
                way.pop()
                self._leave(name, way[-1][0] if way else None)
            elif target in self._number:
                self._low[name] = min(self._low[name], self._number[target])
            else:
                way.append(self._enter(target))

    def _enter(self, name: str) -> tuple[str, Iterator[str]]:
        self._number[name] = self._low[name] = len(self._number)
        self._open[name] = None
        return name, iter(self._after[name])

    def _leave(self, name: str, parent: str | None) -> None:
        if parent is not None:
            self._low[parent] = min(self._low[parent], self._low[name])
        if self._low[name] == self._number[name]:
            knot: list[str] = []
            while not knot or knot[-1] != name:
                knot.append(self._open.popitem()[0])
            self.found.append(knot)
