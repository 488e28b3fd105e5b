"""The interface of an outcome: the numbers that a net says to the answers that a model gives.

It lies in the model's card as `outcome`, and is the same code whatever framework the net is of. Its `KIND` also decides
what a training makes small: for `classes` the cross entropy, for `numbers` the squared difference in units of `std`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import TensorSpec


class Outcome(Protocol):
    """A frozen dataclass of plain values: its fields are what is kept in the card, its `KIND` says which it is."""

    KIND: ClassVar[str]

    @property
    def width(self) -> int:
        """How many numbers the net says for each row."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What the model answers with; the first one is what bulk prediction writes as `prediction`."""

    def decode(self, said: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """The answers, by output, for what the net says of n rows, [n, width]."""
