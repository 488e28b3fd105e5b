"""Classes: the net says one number for each, the model the most likely one and how likely each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import TensorSpec
from dix.frameworks.outcomes.base import Outcome


@dataclass(frozen=True, slots=True)
class ClassesOutcome:
    """`labels` are the classes, in the order of the net's numbers."""

    KIND: ClassVar[str] = "classes"

    labels: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.labels)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, self.width))

    def decode(self, said: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        powers = np.exp(said - said.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities = powers / powers.sum(axis=1, keepdims=True)
        return {"label": np.array(self.labels, dtype=object)[said.argmax(axis=1)], "probabilities": probabilities}


_: type[Outcome] = ClassesOutcome
