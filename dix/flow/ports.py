"""The ports of a node: what it takes in, what it gives out, and which output is meant when none is named."""

from __future__ import annotations

from dix.flow.document import AlgorithmNode, DataNode, ModelNode, Node
from dix.flow.spec import AlgorithmSpecs, PortKind, PortSpec
from dix.names import is_identifier

_DATA_OUT = (PortSpec("data", help="what lies there"),)
_MODEL_IN = (PortSpec("data", help="what to score"),)
# A circle's `model:` that names a node arrives here; it is a field, not one of `inputs`.
MODEL_PORT = PortSpec("model", kind=PortKind.MODEL)


def input_ports(node: Node, specs: AlgorithmSpecs) -> tuple[PortSpec, ...] | None:
    """The inputs a node may have; None where that is not known (a sub-flow, an algorithm we do not have, a script)."""
    if isinstance(node, DataNode):
        return ()
    if isinstance(node, ModelNode):
        return _MODEL_IN
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    return spec.inputs if spec and not (spec.open_ports or spec.open_inputs) else None


def free_input(node: Node, port: str, specs: AlgorithmSpecs) -> PortSpec | None:
    """What an input takes that a node names as it likes; None where that is not known."""
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    return PortSpec(port) if spec is not None and spec.open_inputs else None


def output_ports(node: Node, specs: AlgorithmSpecs) -> tuple[PortSpec, ...] | None:
    """The outputs a node has, the default one first; None where that is not known."""
    if isinstance(node, DataNode | ModelNode):
        return _DATA_OUT
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    return spec.outputs if spec else None


def default_output(node: Node, specs: AlgorithmSpecs) -> str | None:
    """The output that `port: node` means; None where the node has none, or its ports are not known."""
    ports = output_ports(node, specs)
    return ports[0].name if ports else None


def has_flask(node: Node, specs: AlgorithmSpecs) -> bool:
    """Whether the node trains a model, which a circle may then use."""
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    return spec is not None and spec.trains


def find_output(node: Node, port: str | None, specs: AlgorithmSpecs) -> PortSpec | None:
    """The output that `node` or `node.port` means; None for one that the node does not have."""
    ports = output_ports(node, specs) or ()
    if port is None:
        return ports[0] if ports else None
    spec = specs.get(node.algorithm) if isinstance(node, AlgorithmNode) else None
    free = PortSpec(port) if spec is not None and spec.open_ports and is_identifier(port) else None
    return next((each for each in ports if each.name == port), free)
