"""Sequences of numbers, each of its own length: brought to one scale, and filled up to the longest of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue
from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake


@dataclass(frozen=True, slots=True)
class SequencesIntake:
    """One input `sequence`, FP32 [n, steps], or [n, steps, channels] where there are `channels` (0: none).

    The tensors are `sequence`, float32 [n, most steps of these, channels], and `lengths`. Steps after the first
    `max_length` are not looked at. `mean` and `std` are those of each channel in training.
    """

    KIND: ClassVar[str] = "sequences"

    channels: int
    max_length: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        channels = (self.channels,) if self.channels else ()
        return (TensorSpec("sequence", "FP32", (-1, -1, *channels)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        given = columns["sequence"]
        lengths = np.fromiter((min(len(one), self.max_length) for one in given), np.int64, len(given))
        if not lengths.all():
            raise BadValue("sequence", "one step or more in each row", f"none in row {int(np.argmin(lengths))}")
        longest = int(lengths.max(initial=1))
        sequence = np.zeros((len(given), longest, max(1, self.channels)), np.float32)
        if len(given):
            steps = np.concatenate([np.asarray(one[: self.max_length], np.float32) for one in given])
            scaled = (steps.reshape(-1, max(1, self.channels)) - self.mean) / self.std
            sequence[np.arange(longest) < lengths[:, None]] = scaled
        return {"sequence": sequence, "lengths": lengths}


def fit_sequences(sequences: Sequence[NDArray[Any]] | NDArray[Any], *, max_length: int) -> SequencesIntake:
    """The intake for a training with `sequences` [steps] or [steps, channels]; one that stands still has std 1."""
    channels = sequences[0].shape[1] if sequences[0].ndim == 2 else 0
    steps = np.concatenate([one[:max_length] for one in sequences]).reshape(-1, max(1, channels)).astype(np.float64)
    std = steps.std(axis=0)
    std[std < 1e-12] = 1.0
    return SequencesIntake(channels, max_length, tuple(steps.mean(axis=0).tolist()), tuple(std.tolist()))


_: type[Intake] = SequencesIntake
