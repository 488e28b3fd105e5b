"""What a node has where it says nothing: the flow's defaults, and below them the built-in ones."""

from __future__ import annotations

from typing import TypeVar

from dix.flow.document import Defaults, Resources, Retry

_Part = TypeVar("_Part", bound=Defaults)

BUILT_IN = Defaults(
    resources=Resources(cpu=1, gpu=0, memory="1GiB", workers=1),
    retries=0,
    retry=Retry(),
    cache=True,
    stage="copy",
    bad_rows=0.0,
)


def complete(defaults: Defaults) -> Defaults:
    """The flow's defaults over the built-in ones: what every node of the flow inherits."""
    return _over(defaults, BUILT_IN)


def inherit(node: _Part, inherited: Defaults) -> _Part:
    """The node with everything filled in that it does not say itself; resources and env are merged name by name."""
    return _over(node, inherited)


def _over(part: _Part, below: Defaults) -> _Part:
    filled = {
        name: getattr(below, name)
        for name in ("retries", "retry", "timeout", "cache", "stage", "bad_rows")
        if getattr(part, name) is None
    }
    env = {**below.env, **part.env}
    return part.model_copy(update={**filled, "env": env, "resources": _merge(part.resources, below.resources)})


def _merge(own: Resources | None, below: Resources | None) -> Resources | None:
    if own is None or below is None:
        return own or below
    filled = {name: value for name, value in dict(below).items() if getattr(own, name) is None}
    return own.model_copy(update=filled)
