"""What one training with Caffe is given; free of torch, so that whoever orders it need not load that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dix.frameworks.base import ModelCard
from dix.frameworks.training import EpochReport


@dataclass(frozen=True, slots=True)
class CaffeOrder:
    """One training: the solver's file, and the folders (`roots`) that the paths in it may start from.

    Without a solver nothing is trained: `net` is a deploy.prototxt, `weights` are its own, and both become the model.
    With one, `net` takes the place of the net that the solver names, `weights` are those to start from, `snapshot` the
    state to go on from. `snapshots` is the folder that snapshots are written to, `folder` takes the model. `log` gets
    Caffe's log lines. `params` are noted in the model's card.
    """

    solver: Path | None
    roots: tuple[Path, ...]
    folder: Path
    snapshots: Path
    log: Callable[[str], None]
    net: str | None = None
    weights: tuple[Path, ...] = ()
    snapshot: Path | None = None
    seed: int = 0
    threads: int = 1
    gpus: float = 0.0
    params: Mapping[str, Any] = field(default_factory=dict)


class CaffeTrainer(Protocol):
    """Trains by a solver's prototxt; called once, in a process of its own."""

    def __call__(self, order: CaffeOrder, report: EpochReport) -> ModelCard:
        """Train, write the model into `order.folder`, and return its card with the last numbers.

        `report` is told of each displayed iteration and each test, at its iteration. Raises BadData or DataMissing for
        whatever is wrong in the files, before the training starts.
        """
