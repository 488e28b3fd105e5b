"""Checks of a rectangle: is there such an algorithm, on that framework, with those parameters."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.document import AlgorithmNode
from dix.flow.parameters import ParamChecker
from dix.flow.spec import AlgorithmSpec, AlgorithmSpecs
from dix.flow.template import is_template
from dix.names import NAME_RULE, find_nearest, is_name

# Words of the document language whose algorithms come later.
PLANNED = {
    "rnn": "the recurrent net",
    "lstm": "the LSTM",
    "dbn": "the deep belief net",
}


class AlgorithmCheck:
    """Checks algorithm nodes of one document; each algorithm's schema is prepared once."""

    def __init__(self, specs: AlgorithmSpecs, *, rendered: bool) -> None:
        self._specs = specs
        self._rendered = rendered
        self._checkers: dict[str, ParamChecker] = {}

    def check(self, name: str, node: AlgorithmNode) -> Iterator[Problem]:
        """Everything wrong with one node, its inputs aside."""
        spec = self._specs.get(node.algorithm)
        if spec is None:
            yield self._unknown(name, node)
            return
        yield from _check_framework(name, node, spec)
        yield from _check_flask(name, node, spec, rendered=self._rendered)
        yield from _check_code(name, node)
        if node.algorithm not in self._checkers:
            self._checkers[node.algorithm] = ParamChecker(spec)
        yield from self._checkers[node.algorithm].check(name, node.params, rendered=self._rendered)

    def _unknown(self, name: str, node: AlgorithmNode) -> Problem:
        there = ", ".join(sorted(self._specs)) or "none"
        if node.algorithm in PLANNED:
            what = f"{PLANNED[node.algorithm]} (algorithm: {node.algorithm}) is not there yet; there are {there}"
            return Problem(name, "algorithm", "not-yet", what)
        what = f"there is no algorithm {node.algorithm[:60]}; there are {there}"
        return Problem(name, "algorithm", "unknown-algorithm", what, find_nearest(node.algorithm, self._specs))


def _check_framework(name: str, node: AlgorithmNode, spec: AlgorithmSpec) -> Iterator[Problem]:
    has = ", ".join(spec.frameworks)
    if node.framework is None:
        if len(spec.frameworks) > 1:
            what = f"{spec.name} runs on more than one framework; add framework: one of {has}"
            yield Problem(name, "framework", "framework", what)
    elif not spec.frameworks:
        yield Problem(name, "framework", "unused", f"{spec.name} uses no framework; take the field away")
    elif node.framework not in spec.frameworks:
        what = f"{spec.name} does not run on {node.framework[:60]}; it runs on {has}"
        nearest = find_nearest(node.framework, spec.frameworks) or spec.frameworks[0]
        yield Problem(name, "framework", "unknown-framework", what, nearest)


def _check_flask(name: str, node: AlgorithmNode, spec: AlgorithmSpec, *, rendered: bool) -> Iterator[Problem]:
    if node.model is None:
        return
    if not spec.trains:
        yield Problem(
            name, "model", "no-flask", f"{spec.name} trains no model that could get a name; take the field away"
        )
    elif (rendered or not is_template(node.model)) and not is_name(node.model):
        yield Problem(name, "model", "name", f"expected a model's name of {NAME_RULE}, got {node.model[:60]!r}")


def _check_code(name: str, node: AlgorithmNode) -> Iterator[Problem]:
    if node.algorithm == "script":
        if node.code is None:
            what = "algorithm: script needs code: a file, a folder or a URI; add it"
            yield Problem(name, "code", "missing", what)
        return
    for field in ("code", "entry"):
        if getattr(node, field) is not None:
            what = f"{field} belongs to algorithm: script; {node.algorithm} brings its own, so take the field away"
            yield Problem(name, field, "unused", what)
