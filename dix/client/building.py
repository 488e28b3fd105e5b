"""Builds a flow document in Python: `dix.Flow`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from dix.client.fields import Defaults, Layout, NodeFields, Wait, check_fields, to_plain
from dix.client.pictures.cards import draw_flow
from dix.errors import AlreadyExists, BadDocument, BadValue
from dix.flow.document import NODE_KINDS, DataFormat, FlowDoc
from dix.flow.document import Defaults as DefaultsPart
from dix.flow.document import Layout as LayoutPart
from dix.flow.shape import shape_flow
from dix.flow.text import read_flow
from dix.flow.writer import write_yaml

if TYPE_CHECKING:
    from dix.client.connection import Client
    from dix.client.run import ClientRun
    from dix.client.tags import IfMatch
    from dix.records.flow_version import FlowVersion


@dataclass(frozen=True, slots=True)
class Node:
    """A node that was put into a flow; `node["train"]` is one of its outputs, the node itself its default output."""

    name: str

    def __getitem__(self, port: str) -> str:
        return f"{self.name}.{port}"

    def __str__(self) -> str:
        return self.name


Source = Node | str
Inputs = Mapping[str, Source]


class Flow:
    """A flow document in the making: every field of the document is an argument here, under the same name.

    Fields are keyword arguments; one that there is not is refused at once. What the values mean is for `check` to say.

    >>> flow = Flow("digits", params={"epochs": 3})
    >>> train = flow.data("train_set", "digits/train.parquet")
    >>> cnn = flow.algorithm(
    ...     "cnn", framework="torch", inputs={"train": train}, params={"epochs": flow.param("epochs")}, model="digits"
    ... )
    >>> test = flow.data("test_set", "digits/test.parquet")
    >>> score = flow.model("score", model=cnn, inputs={"data": test})
    >>> print(flow.to_yaml())
    dix: 1
    name: digits
    params:
      epochs: 3
    nodes:
      train_set: {kind: data, uri: digits/train.parquet}
      cnn:
        kind: algorithm
        algorithm: cnn
        framework: torch
        inputs: {train: train_set}
        params: {epochs: "{{ params.epochs }}"}
        model: digits
      test_set: {kind: data, uri: digits/test.parquet}
      score:
        kind: model
        model: cnn
        inputs: {data: test_set}
    <BLANKLINE>
    """

    # The folder from which local code is named: that of Python's own flows is the current one. None for a document
    # that somebody has written somewhere else: what it names is not on this machine.
    base: Path | None

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        params: Mapping[str, Any] | None = None,
        defaults: Defaults | None = None,
        layout: Layout | None = None,
    ) -> None:
        self.name = name
        self.base = Path()
        check_fields("defaults", defaults or (), DefaultsPart.model_fields)
        check_fields("layout", layout or (), LayoutPart.model_fields)
        head = {"description": description, "params": params, "defaults": defaults}
        self._head: dict[str, Any] = {
            field: to_plain(field, value) for field, value in head.items() if value is not None
        }
        self._nodes: dict[str, dict[str, Any]] = {}
        self._layout: dict[str, Any] = to_plain("layout", layout or {})
        self._tags: dict[tuple[str, str], str] = {}  # by server and name, of the version that it was last

    @classmethod
    def read(cls, source: str | Path) -> Flow:
        """The flow of a document: of the text itself, or of the file at a `Path`; raises BadDocument."""
        text = source.read_bytes() if isinstance(source, Path) else source
        whole = read_flow(text).model_dump(mode="json", exclude_unset=True)
        flow = cls(whole["name"])
        flow._head = {field: whole[field] for field in ("description", "params", "defaults") if field in whole}
        flow._nodes = whole["nodes"]
        flow._layout = whole.get("layout", {})
        flow.base = source.parent if isinstance(source, Path) else None
        return flow

    def data(
        self,
        node: str,
        uri: str | Path,
        *,
        format: DataFormat | None = None,
        wait: Wait | None = None,
        **fields: Unpack[NodeFields],
    ) -> Node:
        """A hexagon: checks that `uri` is there, or waits for it, and hands it on."""
        return self._add(node, "data", {"uri": uri, "format": format, "wait": wait}, fields)

    def algorithm(
        self,
        node: str,
        algorithm: str | None = None,
        *,
        framework: str | None = None,
        inputs: Inputs | None = None,
        params: Mapping[str, Any] | None = None,
        model: str | None = None,
        output: str | None = None,
        code: str | Path | None = None,
        entry: str | None = None,
        **fields: Unpack[NodeFields],
    ) -> Node:
        """A rectangle: runs a ready algorithm, by default the one that has the node's name.

        `model` is the name that the content of its flask is registered under; `code` and `entry` are a script's.
        """
        own: dict[str, Any] = {"algorithm": algorithm or node, "framework": framework}
        own |= {"inputs": inputs, "params": params}
        own |= {"model": model, "output": output, "code": code, "entry": entry}
        return self._add(node, "algorithm", own, fields)

    def model(
        self,
        node: str,
        model: Source,
        *,
        inputs: Inputs | None = None,
        output: str | None = None,
        **fields: Unpack[NodeFields],
    ) -> Node:
        """A circle: scores what flows in with a trained model, or with the one in the flask of a node."""
        return self._add(node, "model", {"model": model, "inputs": inputs, "output": output}, fields)

    def flow(
        self,
        node: str,
        flow: str,
        *,
        inputs: Inputs | None = None,
        params: Mapping[str, Any] | None = None,
        **fields: Unpack[NodeFields],
    ) -> Node:
        """A sub-flow."""
        return self._add(node, "flow", {"flow": flow, "inputs": inputs, "params": params}, fields)

    @staticmethod
    def param(name: str) -> str:
        """The value of a parameter of the flow, filled in when it runs."""
        return f"{{{{ params.{name} }}}}"

    def place(self, node: Source, x: float, y: float) -> None:
        """Where a node lies on the canvas."""
        self._layout.setdefault("nodes", {})[str(node)] = [x, y]

    def to_document(self) -> dict[str, Any]:
        """The document as plain dicts and lists."""
        layout = {"layout": self._layout} if self._layout else {}
        return deepcopy({"dix": 1, "name": self.name, **self._head, "nodes": self._nodes, **layout})

    def to_doc(self) -> FlowDoc:
        """The document as it is read; raises BadDocument with what is wrong in its shape, and asks no server."""
        shaped = shape_flow(self.to_document())
        if shaped.problems or shaped.doc is None:
            raise BadDocument(shaped.problems)
        return shaped.doc

    def to_text(self) -> str:
        """The document as text; JSON, which is YAML too."""
        return json.dumps(self.to_document(), ensure_ascii=False, indent=2) + "\n"

    def to_yaml(self) -> str:
        """The document as text that people like to read."""
        return write_yaml(self.to_document())

    def check(self, client: Client | None = None) -> None:
        """Ask the server whether it can run there; raises BadDocument with everything that is wrong."""
        _choose(client).flows.check(self)

    def find_tag(self, address: str) -> str | None:
        """The tag of the version that it was, when it was read from this server or pushed there last."""
        return self._tags.get((address, self.name))

    def keep_tag(self, address: str, tag: str) -> None:
        """Say what version it is now on this server."""
        self._tags[address, self.name] = tag

    def push(
        self, client: Client | None = None, project: str | None = None, *, if_match: IfMatch = None
    ) -> FlowVersion:
        """Keep it as the next version of the flow of its name.

        Raises Changed when that was changed by somebody else since it was read, or pushed last; see `Flows.push`.
        """
        return _choose(client).flows.push(self, project, if_match=if_match)

    def run(self, params: Mapping[str, Any] | None = None, client: Client | None = None, **asked: Any) -> ClientRun:
        """Keep it and start it; what else can be asked for is in `client.runs.start`."""
        return _choose(client).runs.start(self, params, **asked)

    def _repr_html_(self) -> str:
        return draw_flow(self.to_document())

    def _add(self, name: str, kind: str, own: dict[str, Any], fields: Mapping[str, Any]) -> Node:
        if name in self._nodes:
            raise AlreadyExists("node", name)
        check_fields(f"{kind} node {name}", fields, NODE_KINDS[kind].model_fields)
        if own.get("inputs") is not None:
            own["inputs"] = _read_inputs(name, own["inputs"])
        if isinstance(own.get("model"), Node):
            own["model"] = str(own["model"])
        given = {field: value for field, value in {**own, **fields}.items() if value is not None}
        self._nodes[name] = {"kind": kind, **to_plain(name, given)}
        return Node(name)


def _read_inputs(node: str, inputs: Inputs) -> dict[str, str]:
    if not isinstance(inputs, Mapping):
        raise BadValue(f"{node}.inputs", "a mapping of ports to nodes, as {'train': train_set}", repr(inputs)[:60])
    return {str(port): str(source) for port, source in inputs.items()}


def _choose(client: Client | None) -> Client:
    """The client that was given, else one that is opened as `dix.connect()` opens it."""
    if client is not None:
        return client
    from dix.client.connection import connect

    return connect()
