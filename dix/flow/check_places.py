"""Checks of where data and models lie: addresses that a store can have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dix.errors import Problem
from dix.flow.document import AlgorithmNode, DataNode, ModelNode, Node
from dix.flow.template import is_template

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/")
_RULE = "a path relative to the store, or a URI with file:// or s3://"


class PlaceCheck:
    """Checks `uri` and `output` of the nodes of one document; templates are left for when it is `rendered`."""

    def __init__(self, *, rendered: bool) -> None:
        self._rendered = rendered
        self._written: dict[str, str] = {}

    def check(self, name: str, node: Node) -> Iterator[Problem]:
        """Everything wrong with where a node reads and writes."""
        if isinstance(node, DataNode):
            yield from self._check_address(name, "uri", node.uri)
        elif isinstance(node, AlgorithmNode | ModelNode) and node.output is not None:
            yield from self._check_address(name, "output", node.output)
            other = self._written.setdefault(node.output.rstrip("/"), name)
            if other != name:
                what = f"{other} writes to {node.output[:200]!r} too; give each node a place of its own"
                yield Problem(name, "output", "output-clash", what)

    def _check_address(self, name: str, field: str, text: str) -> Iterator[Problem]:
        flaw = _find_flaw(text) if self._rendered or not is_template(text) else None
        if flaw is not None:
            what, nearest = flaw
            yield Problem(name, field, "uri", f"expected {_RULE}, got {text[:200]!r}; {what}", nearest)


def _find_flaw(text: str) -> tuple[str, str | None] | None:
    if ".." in text.replace("\\", "/").split("/"):
        return "write it without .. parts, which would lead out of the store", None
    scheme = _SCHEME.match(text)
    if scheme is None:
        return ("write an absolute path as a URI", f"file://{text}") if text.startswith("/") else None
    if scheme[1] not in {"file", "s3"}:
        return f"{scheme[1]}:// is not read here; put the data into the store", None
    if scheme[1] == "file" and not text.startswith("file:///"):
        return "file:// takes an absolute path", f"file:///{text.removeprefix('file:').lstrip('/')}"
    if scheme[1] == "s3" and not re.match(r"s3://[^/]+", text):
        return "name the bucket, as in s3://bucket/path", None
    return None
