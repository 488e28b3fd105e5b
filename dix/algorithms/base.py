"""The interface of an algorithm: what it is given, what it leaves.

An algorithm runs in a worker process, one step at a time. It reads the URIs of its input ports, works in its scratch
folder, and writes what it makes into the folders of its output ports; the worker commits those to the store when `run`
returns, whole or not at all. It sees folders, arrays and numbers; runs, retries and Ray are not its business.

Raise BadData for data that cannot be used (name the file or the column); any other exception is taken as a failure of
the algorithm's own code and is shown with its traceback.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from dix.flow.spec import AlgorithmSpec
from dix.frameworks.worker_group import WorkerGroup
from dix.store.store import Store


class Report(Protocol):
    """How a step tells of itself while it works; cheap, and never waits."""

    def __call__(self, position: int, progress: float | None = None, **metrics: float) -> None:
        """One row of numbers at `position` (the epoch, from 1); `progress` is 0.0-1.0."""


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What a step is told that runs the user's own code.

    `folder` is where the code lies in the store, `entry` the file to run (None: the only one that it can be). With
    `stages` the inputs come to this machine, otherwise their URIs are handed on. `asked` are the outputs that other
    nodes take; `job` names the attempt.
    """

    folder: str
    entry: str | None
    stages: bool
    asked: tuple[str, ...]
    job: str


@dataclass(frozen=True, slots=True)
class CheckpointPlaces:
    """Where the checkpoints of a step are in the store: `uri` from attempt to attempt, `earlier` those that the same
    step of a run that is repeated has left.
    """

    uri: str
    earlier: str | None = None


@dataclass(frozen=True, slots=True)
class StepContext:
    """What one attempt of a step works with.

    `inputs` maps a port to a URI: of a folder or file (absolute: file:// or s3://), or of a model (`models:/digits/3`).
    `models` maps the input ports of kind model to the URI of the model's folder. `params` are checked, with defaults
    filled in. `cpus` and `gpus` are the node's slice; a framework starts that many threads (at least 1). `target` is
    where the default output shall lie (absolute URI); an algorithm that writes to the store itself stages there and
    names it in the result's `uris`, all others use `output`. `bad_rows` is the share of rows, or files, that may be
    left out because they cannot be used; what leaves some out says how many in its metric of that name. Who trains
    goes on from `checkpoints`, and leaves its own. `workers` is set where several
    do the step together: each has a context, and runs the same; what counts is what rank 0 leaves and reports. The
    models of the ports in `trusted` may run code when they are loaded.
    """

    node: str
    params: dict[str, Any]
    inputs: dict[str, str]
    models: dict[str, str]
    framework: str | None
    cpus: float
    gpus: float
    memory_bytes: int
    target: str
    scratch: Path
    store: Store
    report: Report
    own_code: OwnCode | None = None
    bad_rows: float = 0.0
    checkpoints: CheckpointPlaces | None = None
    workers: WorkerGroup | None = None
    trusted: frozenset[str] = frozenset()

    def output(self, port: str) -> Path:
        """The empty local folder whose content becomes the output `port`; made when first asked for."""
        folder = self.scratch / "outputs" / port
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True, slots=True)
class StepResult:
    """What an algorithm hands back beside its output folders.

    `uris` are outputs that already lie where they shall (a data node hands its path on); `metrics` are the numbers and
    short texts to show; a node with a flask leaves its model in `context.output("model")`.
    """

    metrics: dict[str, Any] = field(default_factory=dict)
    uris: dict[str, str] = field(default_factory=dict)


class Algorithm:
    """The base of all ready algorithms: publish `spec`, write `run`."""

    spec: ClassVar[AlgorithmSpec]

    def run(self, context: StepContext) -> StepResult:
        """Do the work of one attempt; called in a worker process, once an instance."""
        raise NotImplementedError(f"{type(self).__name__} has no run()")
