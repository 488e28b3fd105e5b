"""The interface of training: what a framework is given to train on, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import ModelCard


@dataclass(frozen=True, slots=True)
class Examples:
    """`values` as they are stored, first dimension n; `targets` int64 [n], places in the order's labels."""

    values: NDArray[Any]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class TrainOrder:
    """One training: `params` are those of the algorithm, checked, with defaults; `folder` takes the model.

    `resize` is (height, width) when the values were brought to one size by `resize_image`: the model will then do the
    same to what it is asked. `threads` is the number of CPU threads to use, `gpus` the share of a GPU.
    """

    algorithm: str
    train: Examples
    valid: Examples | None
    labels: tuple[str, ...]
    params: Mapping[str, Any]
    folder: Path
    resize: tuple[int, int] | None = None
    threads: int = 1
    gpus: float = 0.0


class EpochReport(Protocol):
    """Told after each epoch."""

    def __call__(self, position: int, progress: float | None = None, **metrics: float) -> None:
        """One row of numbers after epoch `position` (from 1); `progress` is 0.0-1.0."""


class Trainer(Protocol):
    """Trains one algorithm on one framework; called once, in a process of its own."""

    def __call__(self, order: TrainOrder, report: EpochReport) -> ModelCard:
        """Train, write the model into `order.folder`, and return its card with the final metrics.

        Raises BadValue for a parameter with which it cannot be done (a learning rate that is too high, a net too
        deep for the images).
        """
