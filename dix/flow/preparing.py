"""The last look at a flow before it runs: rendered, checked with real values, parameters filled in."""

from __future__ import annotations

from dix.errors import BadDocument
from dix.flow.check import check_flow
from dix.flow.context import RunContext
from dix.flow.document import AlgorithmNode, FlowDoc, Node
from dix.flow.parameters import ParamChecker
from dix.flow.rendering import ReadyFlow, render_flow
from dix.flow.spec import AlgorithmSpecs


def prepare_flow(doc: FlowDoc, context: RunContext, specs: AlgorithmSpecs) -> ReadyFlow:
    """Render, check, and fill in the defaults of each algorithm's parameters; BadDocument has all problems."""
    ready = render_flow(doc, context)
    problems = check_flow(ready, specs)
    if problems:
        raise BadDocument(problems)
    checkers = {name: ParamChecker(specs[name]) for name in _algorithms(ready)}
    nodes: dict[str, Node] = {}
    for name, node in ready.nodes.items():
        if isinstance(node, AlgorithmNode):
            nodes[name] = node.model_copy(update={"params": checkers[node.algorithm].fill(node.params)})
        else:
            nodes[name] = node
    return ready.model_copy(update={"nodes": nodes})


def _algorithms(doc: FlowDoc) -> set[str]:
    return {node.algorithm for node in doc.nodes.values() if isinstance(node, AlgorithmNode)}
