"""The numbers agree with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from dix.algorithms.confusion import count_confusion


def test_numbers_agree_with_another_implementation() -> None:
    chance = np.random.default_rng(0)
    truth, predicted = chance.integers(0, 4, 500), chance.integers(0, 5, 500)
    confusion = count_confusion(truth, predicted, "abcde")
    np.testing.assert_array_equal(confusion.counts, confusion_matrix(truth, predicted, labels=range(5)))
    assert confusion.accuracy == pytest.approx(accuracy_score(truth, predicted))
    expected = precision_recall_fscore_support(truth, predicted, labels=range(5), zero_division=0)
    found = confusion.describe_classes()
    for name, values in zip(("precision", "recall", "f1", "count"), expected, strict=True):
        assert [one[name] for one in found] == pytest.approx(list(values))


def test_averages_are_over_classes_that_are_there() -> None:
    confusion = count_confusion(np.array([0, 0, 1]), np.array([0, 2, 1]), "abc")
    assert confusion.average_classes()["recall"] == pytest.approx((0.5 + 1.0) / 2)


def test_mistakes_come_by_frequency() -> None:
    confusion = count_confusion(np.array([0, 0, 1, 1, 1]), np.array([1, 0, 0, 0, 1]), "ab")
    assert confusion.list_mistakes() == [("b", "a", 2), ("a", "b", 1)]
