"""Checks of templates before any run: allowed places, sound syntax, known names."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.document import Defaults, FlowDoc, Node
from dix.flow.template import Templates
from dix.flow.templated import ALLOWED, find_templates, list_misplaced, list_templates


class TemplateCheck:
    """Checks the templates of one document; equal ones are parsed once."""

    def __init__(self, doc: FlowDoc) -> None:
        self._doc = doc
        self._templates = Templates(doc.params)

    def check_defaults(self) -> Iterator[Problem]:
        """The flow's parameters, which hold none, and what nodes inherit."""
        for name, value in self._doc.params.items():
            for field, _text in find_templates(f"params.{name}", value):
                what = "the defaults of the flow's own parameters are plain values; use the template in a node's params"
                yield Problem(None, field, "template-place", what)
        yield from self._check(None, self._doc.defaults, "defaults.")

    def check_node(self, name: str, node: Node) -> Iterator[Problem]:
        """The templates of one node."""
        yield from self._check(name, node, "")

    def _check(self, name: str | None, part: Defaults, prefix: str) -> Iterator[Problem]:
        for field, text in list_templates(part):
            for flaw in self._templates.find_flaws(text):
                yield Problem(name, f"{prefix}{field}", flaw.rule, flaw.message, flaw.nearest)
        for field, _text in list_misplaced(part):
            what = f"templates are allowed in {ALLOWED}, not here; write the value itself"
            yield Problem(name, f"{prefix}{field}", "template-place", what)
