"""Predictors for the tests of bulk prediction: importable, so that they can be sent to other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadModel


class BrightOrDark:
    """Says `bright` where the mean of an image is above 127; remembers how large its batches were."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def predict(self, columns: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        images = columns["image"]
        self.sizes.append(len(images))
        share = np.array([np.mean(image) / 255 for image in images], np.float32).reshape(-1)
        labels = np.where(share > 0.5, "bright", "dark").astype(object)
        return {"label": labels, "probabilities": np.stack([share, 1 - share], axis=1)}


@dataclass(frozen=True)
class MakeBrightOrDark:
    """The picklable maker; with `error` it fails as a model that cannot be loaded does."""

    error: bool = False

    def __call__(self, threads: int) -> BrightOrDark:
        if self.error:
            raise BadModel("models/x", f"it is broken, on {threads} threads")
        return BrightOrDark()
