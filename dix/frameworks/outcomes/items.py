"""Items: the net says places and scores of the best ones, the model their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import TensorSpec
from dix.frameworks.outcomes.base import Outcome


@dataclass(frozen=True, slots=True)
class ItemsOutcome:
    """`items`, BYTES [n, count], the best first, and their `scores`, FP32 [n, count].

    The net says `count` scores, then the places of their items among `items`. A score of minus infinity says that there
    is none any more: then the item is "" and the score 0.
    """

    KIND: ClassVar[str] = "items"

    items: tuple[str, ...]
    count: int

    @property
    def width(self) -> int:
        return 2 * self.count

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return TensorSpec("items", "BYTES", (-1, self.count)), TensorSpec("scores", "FP32", (-1, self.count))

    def decode(self, said: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        scores, places = said[:, : self.count], said[:, self.count :].astype(np.int64)
        there = np.isfinite(scores)
        names = np.array([self.items[place] for place in places.ravel()], dtype=object).reshape(places.shape)
        return {"items": np.where(there, names, ""), "scores": np.where(there, scores, np.float32(0.0))}


_: type[Outcome] = ItemsOutcome
