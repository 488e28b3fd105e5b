"""A flow made ready for one run: every template filled in, every default inherited, every edge resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dix.engine.selection import Chosen, choose_nodes
from dix.errors import NotYet
from dix.flow.document import AlgorithmNode, DataNode, ModelNode
from dix.flow.graph import edges, list_inputs, read_source, topological_order
from dix.flow.needs import Needs
from dix.flow.parameters import ParamChecker
from dix.flow.ports import default_output
from dix.flow.rendering import ReadyFlow
from dix.flow.spec import AlgorithmSpec, AlgorithmSpecs
from dix.names import is_model_reference

_LONGEST_PAUSE_S = 86_400.0

StepKind = Literal["data", "algorithm", "model"]


@dataclass(frozen=True, slots=True)
class Slice:
    """What each of a step's workers may use of a machine: cores, cards (fractions), bytes, custom Ray resources.

    `accelerators` are the types of card that will do, the preferred one first; any will when it is empty.
    """

    cpu: float = 1.0
    gpu: float = 0.0
    memory_bytes: int = 2**30
    custom: Mapping[str, float] = field(default_factory=dict)
    disk_bytes: int | None = None
    workers: int = 1
    accelerators: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{f'{self.workers} workers of ' if self.workers > 1 else ''}{self.cpu:g} cpu"]
        if self.gpu:
            kinds = f" of type {' or '.join(self.accelerators)}" if self.accelerators else ""
            parts.append(f"{self.gpu:g} gpu{kinds}")
        parts.extend(f"{amount:g} {name}" for name, amount in self.custom.items())
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input comes from: an output port of another step."""

    node: str
    port: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a data node waits for its path, and how often it looks; both in seconds."""

    timeout_s: float
    every_s: float


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often a failure of the user's code is repeated, and after how many seconds (times `backoff` each time)."""

    retries: int = 0
    wait_s: float = 0.0
    backoff: float = 1.0

    def pause_s(self, failures: int) -> float:
        """Seconds until the next attempt after the given number of failures (from 1), a day at most."""
        return min(self.wait_s * self.backoff ** min(failures - 1, 100), _LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One node, ready: `inputs` come from other steps, `models` from outside (port → `models:/digits/3`; any
    reference until `pinning` has settled it).

    `uri` and `format` are set for data nodes, `algorithm` and `framework` for algorithms; `model_name` is what the
    flask's content is registered under (None without a flask); `output` is where the default output shall lie, None for
    beside the run. `skip` says why the step is not to be executed; a step that `is_given` is not executed either, its
    outputs come from an earlier run. Without `cache` it is done each time, and never stands for
    a later step. `env` are variables for its code, `secrets` names more, whose values are kept elsewhere.
    A script has its `code` (a URI, and a path under `dix/code/` once it is settled) with `entry`; it gets its inputs'
    files, or with `stages` False their URIs, and `asked` are outputs that it does not publish and
    other steps take. `bad_rows` is the share of its rows or files that may be left out.
    """

    node: str
    kind: StepKind
    default_port: str = "data"
    algorithm: str | None = None
    framework: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Source] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    uri: str | None = None
    format: str = "auto"
    waiting: Waiting | None = None
    output: str | None = None
    model_name: str | None = None
    slice: Slice = field(default_factory=Slice)
    retrying: Retrying = field(default_factory=Retrying)
    timeout_s: float | None = None
    skip: str | None = None
    is_given: bool = False
    cache: bool = True
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    code: str | None = None
    entry: str | None = None
    stages: bool = True
    asked: tuple[str, ...] = ()
    bad_rows: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a run, upstream before downstream."""

    flow: str
    flow_version: int
    steps: tuple[PlannedStep, ...]

    def step(self, node: str) -> PlannedStep:
        """The step of a node; KeyError when there is none."""
        return next(step for step in self.steps if step.node == node)


def slice_of(needs: Needs) -> Slice:
    """The slice that a node asks for."""
    return Slice(
        cpu=needs.cpu,
        gpu=needs.gpu,
        memory_bytes=needs.memory_bytes,
        custom=dict(needs.custom),
        disk_bytes=needs.disk_bytes,
        workers=needs.workers,
        accelerators=needs.accelerators,
    )


def make_plan(doc: ReadyFlow, specs: AlgorithmSpecs, version: int, selection: Mapping[str, str]) -> Plan:
    """The steps of a checked and rendered flow, in an order in which each follows what it needs.

    Raises NotFound and BadValue for a selection that cannot be.
    """
    chosen = choose_nodes(doc, selection)
    planner = _Planner(doc, specs)
    return Plan(doc.name, version, tuple(planner.plan(name, chosen) for name in topological_order(doc)))


class _Planner:
    """Makes steps out of nodes."""

    def __init__(self, doc: ReadyFlow, specs: AlgorithmSpecs) -> None:
        self._doc = doc
        self._specs = specs
        self._edges = edges(doc, specs) if any(spec.open_ports for spec in specs.values()) else ()
        self._checkers: dict[str, ParamChecker] = {}  # by algorithm: to make one costs more than to use it

    def plan(self, name: str, chosen: Chosen) -> PlannedStep:
        """The step of one node."""
        node, needs = self._doc.nodes[name], self._doc.needs[name]
        common: dict[str, Any] = {
            "node": name,
            "default_port": default_output(node, self._specs) or "data",
            "inputs": {port: self._source(text) for port, text in list_inputs(node).items()},
            "slice": slice_of(needs),
            "retrying": Retrying(needs.retries, needs.retry_wait_s, needs.retry_backoff),
            "timeout_s": needs.timeout_s,
            "skip": chosen.skips.get(name),
            "is_given": name in chosen.given,
            "cache": node.cache is not False,
            "bad_rows": node.bad_rows or 0.0,
        }
        if isinstance(node, DataNode):
            return PlannedStep(kind="data", uri=node.uri, format=node.format, waiting=_waiting(needs), **common)
        if isinstance(node, ModelNode):
            models = {"model": node.model} if is_model_reference(node.model) else {}
            return PlannedStep(kind="model", models=models, output=node.output, **common)
        if isinstance(node, AlgorithmNode):
            return self._plan_algorithm(node, common)
        raise NotYet("a flow inside a flow", "put its nodes into this one")

    def _plan_algorithm(self, node: AlgorithmNode, common: dict[str, Any]) -> PlannedStep:
        spec = self._specs[node.algorithm]
        only = spec.frameworks[0] if len(spec.frameworks) == 1 else None
        # What a secret opens is not known, and may have changed.
        common["cache"] = common["cache"] and not spec.reads_more and not node.secrets
        return PlannedStep(
            kind="algorithm",
            algorithm=node.algorithm,
            framework=node.framework or only,
            params=self._fill_params(spec, node.params),
            model_name=(node.model or _name_model(self._doc.name, common["node"])) if spec.trains else None,
            output=node.output,
            env=dict(node.env),
            secrets=node.secrets,
            **(self._plan_script(node, common["node"]) if spec.open_ports else {}),
            **common,
        )

    def _plan_script(self, node: AlgorithmNode, name: str) -> dict[str, Any]:
        known = {port.name for port in self._specs[node.algorithm].outputs}
        asked = {edge.source_port for edge in self._edges if edge.source == name and edge.source_port is not None}
        more = tuple(sorted(asked - known))
        return {"code": node.code, "entry": node.entry, "stages": node.stage != "uri", "asked": more}

    def _fill_params(self, spec: AlgorithmSpec, params: Mapping[str, Any]) -> dict[str, Any]:
        if spec.name not in self._checkers:
            self._checkers[spec.name] = ParamChecker(spec)
        return self._checkers[spec.name].fill_sound(params)

    def _source(self, text: str) -> Source:
        node, port = read_source(text)
        return Source(node, port or default_output(self._doc.nodes[node], self._specs) or "data")


def _waiting(needs: Needs) -> Waiting | None:
    if needs.wait_timeout_s is None:
        return None
    return Waiting(needs.wait_timeout_s, needs.wait_every_s or needs.wait_timeout_s)


def _name_model(flow: str, node: str) -> str:
    """What a flask's content is called when the node does not say."""
    return f"{flow}-{node}".lower().replace("_", "-")[:63]
