"""Builds a flow document in Python: `dix.Flow`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dix.errors import AlreadyExists


@dataclass(frozen=True, slots=True)
class Node:
    """A node that was put into a flow; `node["train"]` is one of its outputs, the node itself its default output."""

    name: str

    def __getitem__(self, port: str) -> str:
        return f"{self.name}.{port}"

    def __str__(self) -> str:
        return self.name


class Flow:
    """A flow document in the making; nothing is checked before the server sees it.

    >>> flow = Flow("digits", params={"epochs": 3})
    >>> train = flow.data("train_set", uri="digits/train.parquet")
    >>> cnn = flow.algorithm(
    ...     "cnn", framework="torch", inputs={"train": train}, params={"epochs": flow.param("epochs")}, model="digits"
    ... )
    >>> test = flow.data("test_set", uri="digits/test.parquet")
    >>> score = flow.model("score", model=cnn, inputs={"data": test})
    """

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        params: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        head = {"description": description, "params": params, "defaults": defaults}
        self._head = {field: value for field, value in head.items() if value is not None}
        self._nodes: dict[str, dict[str, Any]] = {}

    def data(self, node: str, uri: str, **fields: Any) -> Node:
        """A hexagon: checks that `uri` is there and hands it on."""
        return self._add(node, "data", {"uri": uri, **fields})

    def algorithm(self, node: str, algorithm: str | None = None, **fields: Any) -> Node:
        """A rectangle: runs a ready algorithm, by default the one that has the node's name."""
        return self._add(node, "algorithm", {"algorithm": algorithm or node, **fields})

    def model(self, node: str, model: str | Node, **fields: Any) -> Node:
        """A circle: scores what flows in with a trained model, or with the one in the flask of a node."""
        return self._add(node, "model", {"model": str(model), **fields})

    def flow(self, node: str, flow: str, **fields: Any) -> Node:
        """A sub-flow."""
        return self._add(node, "flow", {"flow": flow, **fields})

    @staticmethod
    def param(name: str) -> str:
        """The value of a parameter of the flow, filled in when it runs."""
        return f"{{{{ params.{name} }}}}"

    def to_document(self) -> dict[str, Any]:
        """The document as plain dicts and lists."""
        return {"dix": 1, "name": self.name, **self._head, "nodes": self._nodes}

    def to_text(self) -> str:
        """The document as text; JSON, which is YAML too."""
        return json.dumps(self.to_document(), ensure_ascii=False, indent=2) + "\n"

    def _add(self, name: str, kind: str, fields: dict[str, Any]) -> Node:
        if name in self._nodes:
            raise AlreadyExists("node", name)
        inputs = {port: str(source) for port, source in fields.pop("inputs", {}).items()}
        self._nodes[name] = {"kind": kind, **fields} | ({"inputs": inputs} if inputs else {})
        return Node(name)
