"""Checks of what flows into a node: known nodes, known ports, equal kinds, nothing missing."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import BadValue, Problem
from dix.flow.document import AlgorithmNode, DataNode, FlowDoc, ModelNode
from dix.flow.graph import read_source
from dix.flow.nearest import Nearest, list_names
from dix.flow.ports import find_output, free_input, has_flask, input_ports, output_ports
from dix.flow.spec import AlgorithmSpecs, PortSpec
from dix.flow.template import is_template
from dix.names import is_identifier, is_model_reference, read_model_reference

_HOW = "name a node, or NODE.PORT"


class InputCheck:
    """Checks the edges of one document; nodes in `broken` are there, but nothing is known of them."""

    def __init__(self, doc: FlowDoc, specs: AlgorithmSpecs, broken: frozenset[str], *, rendered: bool) -> None:
        self._doc = doc
        self._specs = specs
        self._broken = broken
        self._rendered = rendered
        self._nearest = Nearest()
        self._flasks: list[str] | None = None  # set when first asked for

    def check(self, name: str) -> Iterator[Problem]:
        """Everything wrong with what a node takes in."""
        node = self._doc.nodes[name]
        if isinstance(node, DataNode):
            return
        ports = input_ports(node, self._specs)
        known = None if ports is None else {port.name: port for port in ports}
        for port, text in node.inputs.items():
            if known is not None and port not in known:
                yield self._unknown_input(name, port, list(known))
            else:
                wanted = known[port] if known else free_input(node, port, self._specs)
                yield from self._check_source(name, port, text, wanted)
        for needed in ports or ():
            if needed.required and needed.name not in node.inputs:
                what = f"nothing flows into {needed.name}; connect a node, as in inputs: {{{needed.name}: NODE}}"
                yield Problem(name, f"inputs.{needed.name}", "missing-input", what)
        if isinstance(node, ModelNode):
            yield from self._check_model(name, node)

    def _unknown_input(self, name: str, port: str, known: list[str]) -> Problem:
        what = f"the node has no input {port}; it has {list_names(known)}"
        return Problem(name, f"inputs.{port}", "unknown-port", what, self._nearest.find(port, known))

    def _check_source(self, name: str, port: str, text: str, wanted: PortSpec | None) -> Iterator[Problem]:
        field = f"inputs.{port}"
        source, source_port = read_source(text)
        if is_template(text):
            return  # told where templates are looked at
        if source in self._broken:
            return
        if source not in self._doc.nodes:
            yield self._unknown_source(name, field, source)
            return
        outputs = output_ports(self._doc.nodes[source], self._specs)
        if outputs is None:
            return
        found = find_output(self._doc.nodes[source], source_port, self._specs) if source_port else None
        if source_port is not None and found is None:
            yield self._unknown_output(name, field, text, [each.name for each in outputs])
        elif not outputs:
            yield Problem(name, field, "unknown-port", f"the node {source} has no output that could flow into {port}")
        elif wanted is not None and (found or outputs[0]).kind != wanted.kind:
            what, nearest = _wrong_kind(source, found or outputs[0], wanted, outputs)
            yield Problem(name, field, "port-kind", what, nearest)

    def _unknown_source(self, name: str, field: str, source: str) -> Problem:
        if is_model_reference(source):
            what = f"a registered model cannot flow into an input; {_HOW}, or use a model node"
            return Problem(name, field, "unknown-node", what)
        nearest = self._nearest.find(source, self._doc.nodes)
        return Problem(name, field, "unknown-node", f"there is no node {source[:63]!r}; {_HOW}", nearest)

    def _unknown_output(self, name: str, field: str, text: str, outputs: list[str]) -> Problem:
        source, port = read_source(text)
        nearest = self._nearest.find(str(port), outputs)
        what = f"the node {source} has no output {str(port)[:63]!r}; it has {list_names(outputs)}"
        return Problem(name, field, "unknown-port", what, f"{source}.{nearest}" if nearest else None)

    def _check_model(self, name: str, node: ModelNode) -> Iterator[Problem]:
        if is_template(node.model) and not self._rendered:
            return
        if is_model_reference(node.model):
            try:
                read_model_reference(node.model)
            except BadValue as error:
                what = f"expected {error.fact('expected')}, got {node.model[:80]!r}; correct the reference"
                yield Problem(name, "model", "model-reference", what)
        elif node.model in self._doc.nodes:
            yield from self._check_flask(name, node.model)
        elif node.model not in self._broken:
            yield self._unknown_model(name, node.model)

    def _check_flask(self, name: str, source: str) -> Iterator[Problem]:
        node = self._doc.nodes[source]
        if isinstance(node, AlgorithmNode) and node.algorithm not in self._specs:
            return  # told at that node
        if not has_flask(node, self._specs):
            what = f"the node {source} trains no model; name an algorithm node with a flask, or models:/NAME/VERSION"
            yield Problem(name, "model", "no-flask", what)

    def _unknown_model(self, name: str, text: str) -> Problem:
        if self._flasks is None:
            self._flasks = [each for each, node in self._doc.nodes.items() if has_flask(node, self._specs)]
        nearest = self._nearest.find(text, self._flasks)
        if not is_identifier(text):
            what = f"expected a node of this flow, models:/NAME/VERSION or models:/NAME@ALIAS, got {text[:80]!r}"
            return Problem(name, "model", "model-reference", f"{what}; correct it", nearest)
        what = f"there is no node {text}; name a node with a flask, or models:/{text}/1 for a registered model"
        return Problem(name, "model", "unknown-node", what, nearest)


def _wrong_kind(
    source: str, found: PortSpec, wanted: PortSpec, outputs: tuple[PortSpec, ...]
) -> tuple[str, str | None]:
    """The sentence, and the output that would do."""
    fitting = [f"{source}.{each.name}" for each in outputs if each.kind == wanted.kind]
    todo = f"take {' or '.join(fitting)}" if fitting else f"connect an output of kind {wanted.kind}"
    what = f"{source}.{found.name} gives {found.kind} and {wanted.name} takes {wanted.kind}; {todo}"
    return what, fitting[0] if fitting else None
