"""The context of one step, as a worker would give it, for benchmarks and tests that run an algorithm by itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from dix.algorithms.base import CheckpointPlaces, Report, StepContext
from dix.frameworks.worker_group import WorkerGroup
from dix.store.store import Store


def _say_nothing(position: int, progress: float | None = None, **metrics: float) -> None:
    """The report of a step that nobody watches."""


def make_context(
    store: Store,
    params: dict[str, Any],
    inputs: dict[str, str],
    *,
    models: dict[str, str] | None = None,
    target: str = "out",
    framework: str | None = None,
    cpus: float = 1,
    scratch: Path | None = None,
    report: Report = _say_nothing,
    checkpoints: CheckpointPlaces | None = None,
    bad_rows: float = 0.0,
    memory_bytes: int = 1 << 30,
    workers: WorkerGroup | None = None,
    trusted: frozenset[str] = frozenset(),
) -> StepContext:
    """One attempt of the node `node` on this machine, without a GPU."""
    return StepContext(
        node="node",
        params=params,
        inputs={port: store.resolve(uri) for port, uri in inputs.items()},
        models={port: store.resolve(uri) for port, uri in (models or {}).items()},
        framework=framework,
        cpus=cpus,
        gpus=0,
        memory_bytes=memory_bytes,
        workers=workers,
        target=store.resolve(target),
        scratch=scratch or Path(tempfile.mkdtemp()),
        store=store,
        report=report,
        checkpoints=checkpoints,
        bad_rows=bad_rows,
        trusted=trusted,
    )
