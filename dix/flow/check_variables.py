"""Checks of the variables that a node's code is given."""

from __future__ import annotations

from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.document import AlgorithmNode, Defaults, Node

# Ray finds its cluster and its token by these, and DI-X its installation: another value would lead a step astray.
RESERVED = ("DIX_", "RAY_")


def find_bad_variables(name: str | None, part: Defaults) -> Iterator[Problem]:
    """Names in `env` that are not free, in a node or (name None) in the flow's defaults."""
    for variable in part.env:
        yield from _find_reserved(name, f"env.{variable}", variable)


def find_bad_secrets(name: str, node: Node) -> Iterator[Problem]:
    """Secrets that are asked for twice, under a name that is not free, or where no code runs that could read them."""
    for variable in node.secrets:
        yield from _find_reserved(name, "secrets", variable)
        if variable in node.env:
            yield Problem(name, "secrets", "variable", f"{variable} is in env too; name it once")
    if node.secrets and not isinstance(node, AlgorithmNode):
        what = "only the code of an algorithm is given secrets; leave it out"
        yield Problem(name, "secrets", "variable", what)


def _find_reserved(name: str | None, field: str, variable: str) -> Iterator[Problem]:
    if variable.startswith(RESERVED):
        what = f"names that begin with {' or '.join(RESERVED)} belong to the platform, got {variable}; choose another"
        yield Problem(name, field, "variable", what)
