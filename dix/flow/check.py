"""Everything that can be said about a flow document before any run: all problems at once.

Rules, by their stable words: `unknown-algorithm not-yet unknown-framework framework unknown-parameter
missing-parameter parameter unknown-node unknown-port port-kind missing-input cycle no-flask model-reference uri
output-clash unused quantity template template-place unknown-name name variable`, beside those of reading (`syntax size
depth alias tag encoding key duplicate-key number type missing unknown-field choice range length`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dix.errors import BadDocument, Problem
from dix.flow.check_algorithm import AlgorithmCheck
from dix.flow.check_inputs import InputCheck
from dix.flow.check_places import PlaceCheck
from dix.flow.check_templates import TemplateCheck
from dix.flow.check_variables import find_bad_secrets, find_bad_variables
from dix.flow.document import AlgorithmNode, FlowDoc, SubflowNode
from dix.flow.graph import cycle_problems
from dix.flow.needs import find_bad_needs
from dix.flow.rendering import ReadyFlow
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import shape_text


@dataclass(frozen=True, slots=True)
class Checked:
    """What of a document could be understood (None: nothing), and all that is wrong with it."""

    doc: FlowDoc | None
    problems: tuple[Problem, ...]


def check_flow(doc: FlowDoc, specs: AlgorithmSpecs) -> tuple[Problem, ...]:
    """All problems, in document order; empty when the flow can run.

    A `ReadyFlow` is checked with what its templates have given; before that, values with templates are taken on trust.
    """
    return tuple(_find_problems(doc, specs, frozenset()))


def check_text(text: str | bytes, specs: AlgorithmSpecs) -> FlowDoc:
    """Read and check at once: raises BadDocument with the problems of syntax, of shape, and of whatever is sound."""
    checked = inspect_text(text, specs)
    if checked.problems or checked.doc is None:
        raise BadDocument(checked.problems)
    return checked.doc


def inspect_text(text: str | bytes, specs: AlgorithmSpecs) -> Checked:
    """Read and check as far as that goes; BadDocument where nothing could be read."""
    shaped = shape_text(text)
    problems = list(shaped.problems)
    if shaped.doc is not None:
        told = {(problem.node, _root(problem)) for problem in problems}
        found = _find_problems(shaped.doc, specs, shaped.broken)
        problems.extend(problem for problem in found if (problem.node, _root(problem)) not in told)
    return Checked(shaped.doc, tuple(problems))


def _find_problems(doc: FlowDoc, specs: AlgorithmSpecs, broken: frozenset[str]) -> Iterator[Problem]:
    ready = isinstance(doc, ReadyFlow)
    algorithms = AlgorithmCheck(specs, rendered=ready)
    inputs = InputCheck(doc, specs, broken, rendered=ready)
    places = PlaceCheck(rendered=ready)
    templates = TemplateCheck(doc)
    if not ready:
        yield from templates.check_defaults()
        yield from find_bad_needs(None, doc.defaults)
        yield from find_bad_variables(None, doc.defaults)
    for name, node in doc.nodes.items():
        if isinstance(node, AlgorithmNode):
            yield from algorithms.check(name, node)
        elif isinstance(node, SubflowNode) and "flow" not in specs:
            yield Problem(name, "kind", "not-yet", "sub-flows are not there yet; put the nodes into this flow")
        yield from inputs.check(name)
        yield from places.check(name, node)
        if not ready:
            yield from templates.check_node(name, node)
            yield from find_bad_needs(name, node)
            yield from find_bad_variables(name, node)
            yield from find_bad_secrets(name, node)
    yield from cycle_problems(doc)


def _root(problem: Problem) -> str | None:
    """The field of a node that a problem is about, without what lies deeper; None for the node as a whole."""
    return problem.field.split(".", 1)[0] if problem.field else None
