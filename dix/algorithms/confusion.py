"""How well predictions match the truth: counted once, all numbers derived from the counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[truth, prediction]`, int64; `classes` names rows and columns."""

    classes: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """All predictions."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """The share of predictions that are right."""
        return _divide(np.trace(self.counts), self.counts.sum())

    def describe_classes(self) -> list[dict[str, Any]]:
        """For each class: `precision` (of those predicted so, how many are), `recall` (of those that are so, how many
        were found), `f1` (their harmonic mean) and `count` (how many there are). 0 where there is nothing to divide by.
        """
        described = []
        for i, name in enumerate(self.classes):
            right, there, predicted = self.counts[i, i], self.counts[i].sum(), self.counts[:, i].sum()
            precision, recall = _divide(right, predicted), _divide(right, there)
            f1 = _divide(2 * precision * recall, precision + recall)
            described.append(
                {"class": name, "precision": precision, "recall": recall, "f1": f1, "count": int(there)}
            )  # fmt: skip
        return described

    def average_classes(self) -> dict[str, float]:
        """Precision, recall and F1 as the plain mean over the classes that there are in the truth."""
        present = [one for one in self.describe_classes() if one["count"]]
        return {
            name: _divide(sum(one[name] for one in present), len(present)) for name in ("precision", "recall", "f1")
        }

    def list_mistakes(self) -> list[tuple[str, str, int]]:
        """(truth, prediction, how often), the most frequent first."""
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        pairs = sorted(zip(*np.nonzero(wrong), strict=True), key=lambda pair: (-wrong[pair], pair))
        return [(self.classes[truth], self.classes[guess], int(wrong[truth, guess])) for truth, guess in pairs]


def count_confusion(truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: Sequence[str]) -> Confusion:
    """Count from places among the classes."""
    size = len(classes)
    counts = np.bincount(truth * size + predicted, minlength=size * size).reshape(size, size)
    return Confusion(tuple(classes), counts.astype(np.int64))


def _divide(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
