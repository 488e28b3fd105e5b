"""A flow made ready for one run: every template filled in, every default inherited, every quantity a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import Field

from dix.errors import BadDocument, Problem
from dix.flow.context import RunContext
from dix.flow.document import Defaults, FlowDoc
from dix.flow.filling import Filling
from dix.flow.inheriting import complete, inherit
from dix.flow.needs import Needs, find_bad_needs, read_needs
from dix.flow.run_params import resolve_params

_Part = TypeVar("_Part", bound=Defaults)


class ReadyFlow(FlowDoc):
    """A flow in which nothing is a template any more, whatever its text looks like; `needs` has each node's numbers."""

    needs: dict[str, Needs] = Field(default_factory=dict, exclude=True)


def render_flow(doc: FlowDoc, context: RunContext) -> ReadyFlow:
    """Fill in, inherit and convert, with the flow's parameters overridden by the run's; BadDocument has all problems.

    Whether the outcome makes sense to the algorithms is for `check_flow` to say, which takes a `ReadyFlow` as well.
    """
    params = resolve_params(doc, context.params)
    filling = Filling(context.names(params))
    problems: list[Problem] = []
    defaults = complete(_render(None, doc.defaults, filling, problems))
    rendered = {name: _render(name, node, filling, problems) for name, node in doc.nodes.items()}
    if problems:
        raise BadDocument(tuple(problems))
    nodes = {name: inherit(node, defaults) for name, node in rendered.items()}
    needs = {name: read_needs(node) for name, node in nodes.items()}
    fields: Mapping[str, Any] = {**dict(doc), "params": params, "defaults": defaults, "nodes": nodes, "needs": needs}
    return ReadyFlow.model_construct(**fields)


def preview_flow(doc: FlowDoc, context: RunContext) -> ReadyFlow:
    """The flow with what its nodes ask of machines filled in and nothing else; BadDocument has all problems of that.

    So it can be told what a node needs before a run has given the parameters that other fields wait for.
    """
    filling = Filling(context.names(resolve_params(doc, context.params)))
    problems: list[Problem] = []
    asked = complete(_render(None, Defaults(resources=doc.defaults.resources), filling, problems))
    inherited = complete(doc.defaults)
    needs: dict[str, Needs] = {}
    for name, node in doc.nodes.items():
        part = _render(name, Defaults(resources=node.resources), filling, problems)
        needs[name] = Needs() if problems else read_needs(inherit(part, asked))
    if problems:
        raise BadDocument(tuple(problems))
    nodes = {name: inherit(node, inherited) for name, node in doc.nodes.items()}
    return ReadyFlow.model_construct(**{**dict(doc), "nodes": nodes, "needs": needs})


def _render(name: str | None, part: _Part, filling: Filling, problems: list[Problem]) -> _Part:
    """A node, or the defaults, with templates filled in and quantities checked."""
    rendered, flaws = filling.fill(part)
    prefix = "" if name else "defaults."
    problems.extend(Problem(name, f"{prefix}{place}", flaw.rule, flaw.message, flaw.nearest) for place, flaw in flaws)
    if not flaws:
        problems.extend(find_bad_needs(name, rendered, rendered=True))
    return rendered
