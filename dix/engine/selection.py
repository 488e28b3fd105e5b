"""Which nodes of a flow a run does, which it leaves out, and which of those an earlier run must have done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dix.errors import BadValue, NotFound
from dix.flow.document import DataNode, FlowDoc
from dix.flow.graph import predecessors, reachable, successors
from dix.names import find_nearest


@dataclass(frozen=True, slots=True)
class Chosen:
    """`skips` are the nodes that are left out, with the reason; what `given` ones leave comes from an earlier run."""

    skips: Mapping[str, str]
    given: frozenset[str]


def choose_nodes(doc: FlowDoc, selection: Mapping[str, str]) -> Chosen:
    """Read a selection: `from`, `to`, `only`, or `from` and `to` together.

    What a chosen node takes from one that is not chosen is given; a data node is looked at instead, for it costs little
    and says what flows now. Raises NotFound for a node that is not there, BadValue for ways that do not go together.
    """
    _check(doc, selection)
    before = predecessors(doc)
    chosen = _choose(doc, selection, before)
    needed = {source for name in chosen if not doc.nodes[name].muted for source in before[name]} - chosen
    looked_at = {name for name in needed if isinstance(doc.nodes[name], DataNode)}
    why = _tell(selection)
    skips = {name: why for name in doc.nodes if name not in chosen | needed}
    skips |= {name: "it is muted" for name, node in doc.nodes.items() if node.muted}
    return Chosen(skips, frozenset(needed - looked_at - skips.keys()))


def _check(doc: FlowDoc, selection: Mapping[str, str]) -> None:
    for node in selection.values():
        if node not in doc.nodes:
            raise NotFound("node", node, find_nearest(node, doc.nodes))
    if "only" in selection and len(selection) > 1:
        raise BadValue("only", "neither from nor to beside it", " and ".join(sorted(selection)))


def _choose(doc: FlowDoc, selection: Mapping[str, str], before: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    if "only" in selection:
        return frozenset({selection["only"]})
    chosen = frozenset(doc.nodes)
    if "from" in selection:
        chosen &= reachable(successors(doc), [selection["from"]])
    if "to" in selection:
        chosen &= reachable(before, [selection["to"]])
    if not chosen:
        raise BadValue("to", f"{selection['from']}, or a node that takes from it", selection["to"])
    return chosen


def _tell(selection: Mapping[str, str]) -> str:
    match selection:
        case {"only": node}:
            return f"the run does {node} only"
        case {"from": first, "to": last}:
            return f"the run goes from {first} to {last} only"
        case {"from": first}:
            return f"the run begins at {first}"
        case {"to": last}:
            return f"the run goes to {last} only"
    return "it is not selected"
