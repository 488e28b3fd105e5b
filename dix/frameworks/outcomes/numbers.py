"""Numbers: the net says them normalised, the model in units of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import TensorSpec
from dix.frameworks.outcomes.base import Outcome


@dataclass(frozen=True, slots=True)
class NumbersOutcome:
    """One output `name`, FP32 [n, width]; the net says (x - mean) / std, one of each for each of the width numbers."""

    KIND: ClassVar[str] = "numbers"

    name: str
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def width(self) -> int:
        return len(self.mean)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return (TensorSpec(self.name, "FP32", (-1, self.width)),)

    def decode(self, said: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        return {self.name: said * np.asarray(self.std, np.float32) + np.asarray(self.mean, np.float32)}


def fit_numbers(name: str, targets: NDArray[Any]) -> NumbersOutcome:
    """The outcome for a training with `targets` [n, width]; a number that never changes has std 1."""
    std = targets.std(axis=0, dtype=np.float64)
    std[std < 1e-12] = 1.0
    return NumbersOutcome(name, tuple(targets.mean(axis=0, dtype=np.float64).tolist()), tuple(std.tolist()))


_: type[Outcome] = NumbersOutcome
