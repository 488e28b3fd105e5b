"""The flow document: its nodes and fields as frozen models, true to shape and nothing more.

A `FlowDoc` has known fields of the right kind and well-formed names. Whether its algorithms, ports, quantities and
templates make sense is for `check.py` to say. None in a field that nodes inherit means: not said here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from dix.flow.plain import find_unplain
from dix.names import IDENTIFIER_RULE, NAME_RULE, is_identifier, is_name

DataFormat: TypeAlias = Literal[
    "auto",
    "parquet",
    "csv",
    "json",
    "images",
    "audio",
    "video",
    "text",
    "numpy",
    "tfrecord",
    "lmdb",
    "hdf5",
    "files",
]

_TITLE_LENGTH = 200


def _named(kind: str, rule: str, fits: Callable[[str], bool]) -> AfterValidator:
    def check(text: str) -> str:
        if fits(text):
            return text
        raise PydanticCustomError("name", "{kind} is {rule}", {"kind": kind, "rule": rule})

    return AfterValidator(check)


def _quantity(value: Any) -> Any:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("quantity", "a number, or text such as 500m, 2GiB or 30s")


def _plain(value: Any) -> Any:
    told = find_unplain(value)
    if told is None:
        return value
    raise PydanticCustomError("plain", "{told}", {"told": told})


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


FlowName: TypeAlias = Annotated[str, _named("a flow's name", NAME_RULE, is_name)]
NodeName: TypeAlias = Annotated[str, _named("a node's name", IDENTIFIER_RULE, is_identifier)]
PortName: TypeAlias = Annotated[str, _named("a port's name", IDENTIFIER_RULE, is_identifier)]
ParamName: TypeAlias = Annotated[str, _named("a parameter's name", IDENTIFIER_RULE, is_identifier)]
VariableName: TypeAlias = Annotated[str, _named("a variable's name", IDENTIFIER_RULE, is_identifier)]
Needed: TypeAlias = Annotated[str, Field(min_length=1)]
Quantity: TypeAlias = Annotated[int | float | str, BeforeValidator(_quantity)]
Texts: TypeAlias = Annotated[tuple[Needed, ...], BeforeValidator(_as_list), Field(strict=False)]
Plain: TypeAlias = Annotated[Any, AfterValidator(_plain)]
Params: TypeAlias = dict[ParamName, Plain]


class _Part(BaseModel):
    """Every part of a document: nothing unknown, nothing converted, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Resources(_Part):
    """A node's slice: `cpu`, `gpu` in cores and cards, `memory`, `disk` in bytes, each times `workers`.

    `accelerator` lists types of card in order of preference (one may be written as text); `custom` counts resources
    that the cluster names itself.
    """

    cpu: Quantity | None = None
    gpu: Quantity | None = None
    memory: Quantity | None = None
    disk: Quantity | None = None
    workers: Quantity | None = None
    accelerator: Texts | None = None
    custom: dict[Needed, Quantity] | None = None


class Retry(_Part):
    """The pause before a repeat: `wait`, and `backoff` times longer each time."""

    wait: Quantity = "0s"
    backoff: float = Field(default=1.0, ge=1, le=100)


class Wait(_Part):
    """How long a data node waits for its data to appear, and how often it looks."""

    timeout: Quantity
    every: Quantity = "30s"


class Defaults(_Part):
    """What nodes inherit where they say nothing; resources and env are merged name by name."""

    resources: Resources | None = None
    retries: int | None = Field(default=None, ge=0, le=1000)
    retry: Retry | None = None
    timeout: Quantity | None = None
    cache: bool | None = None
    env: dict[VariableName, str] = Field(default_factory=dict)
    stage: Literal["copy", "uri"] | None = None
    bad_rows: float | None = Field(default=None, ge=0, le=1)


class _Node(Defaults):
    """What every node may have."""

    title: str = Field(default="", max_length=_TITLE_LENGTH)
    muted: bool = False
    secrets: Annotated[tuple[VariableName, ...], Field(strict=False)] = ()


class DataNode(_Node):
    """The hexagon: checks that data exists and hands its path on, through the port `data`."""

    kind: Literal["data"]
    uri: Needed
    format: DataFormat = "auto"
    wait: Wait | None = None


class AlgorithmNode(_Node):
    """The rectangle. `model` is the name its flask's content is registered under; `output` is where its default
    output shall lie.
    """

    kind: Literal["algorithm"]
    algorithm: Needed
    framework: Needed | None = None
    inputs: dict[PortName, Needed] = Field(default_factory=dict)
    params: Params = Field(default_factory=dict)
    model: Needed | None = None
    output: Needed | None = None
    code: Needed | None = None
    entry: Needed | None = None


class ModelNode(_Node):
    """The circle: scores what flows in with `model`, a node with a flask in this flow or a `models:/` reference."""

    kind: Literal["model"]
    model: Needed
    inputs: dict[PortName, Needed] = Field(default_factory=dict)
    output: Needed | None = None


class SubflowNode(_Node):
    """A flow as a node of another."""

    kind: Literal["flow"]
    flow: FlowName
    inputs: dict[PortName, Needed] = Field(default_factory=dict)
    params: Params = Field(default_factory=dict)


Node: TypeAlias = DataNode | AlgorithmNode | ModelNode | SubflowNode
NODE_KINDS: dict[str, type[Node]] = {
    "data": DataNode,
    "algorithm": AlgorithmNode,
    "model": ModelNode,
    "flow": SubflowNode,
}


class Layout(_Part):
    """The canvas: where nodes lie, notes and frames. No effect on runs; a node that is gone may still be named."""

    nodes: dict[str, Annotated[tuple[float, float], Field(strict=False)]] = Field(default_factory=dict)
    notes: Annotated[tuple[dict[str, Plain], ...], Field(strict=False)] = ()
    frames: Annotated[tuple[dict[str, Plain], ...], Field(strict=False)] = ()


class FlowDoc(_Part):
    """A flow: version 1 of the document language, a name, parameters with defaults, and nodes by name."""

    dix: Literal[1]
    name: FlowName
    description: str = ""
    params: Params = Field(default_factory=dict)
    defaults: Defaults = Field(default_factory=Defaults)
    nodes: dict[NodeName, Annotated[Node, Field(discriminator="kind")]] = Field(min_length=1)
    layout: Layout = Field(default_factory=Layout)
