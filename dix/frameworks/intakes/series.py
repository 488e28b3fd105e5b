"""Time series: the steps until now, and what is known of the time ahead, each column brought to one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake


@dataclass(frozen=True, slots=True)
class SeriesIntake:
    """Input `history`, FP32 [n, steps], or [n, steps, columns] where there are several, in the order values, past,
    known; and `known`, FP32 [n, horizon, columns], where something is known ahead.

    `mean` and `std` are those of the columns in training. The tensors always have three dimensions.
    """

    KIND: ClassVar[str] = "series"

    values: tuple[str, ...]
    past: tuple[str, ...]
    known: tuple[str, ...]
    history: int
    horizon: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        columns = (len(self.mean),) if len(self.mean) > 1 else ()
        history = TensorSpec("history", "FP32", (-1, self.history, *columns))
        if not self.known:
            return (history,)
        return history, TensorSpec("known", "FP32", (-1, self.horizon, len(self.known)))

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        history = columns["history"].reshape(-1, self.history, len(self.mean))
        mean, std = np.asarray(self.mean, np.float32), np.asarray(self.std, np.float32)
        tensors = {"history": (history - mean) / std}
        if self.known:
            ahead = slice(len(mean) - len(self.known), None)
            tensors["known"] = (columns["known"] - mean[ahead]) / std[ahead]
        return tensors


_: type[Intake] = SeriesIntake
