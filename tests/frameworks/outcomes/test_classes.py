"""What a net says becomes the likeliest class, and how likely each is."""

from __future__ import annotations

import numpy as np

from dix.frameworks.outcomes.classes import ClassesOutcome

OUTCOME = ClassesOutcome(("猫", "dog", "<b>"))


def test_probabilities_are_those_of_the_softmax() -> None:
    said = np.array([[1.0, 2.0, 3.0], [1000.0, -1000.0, 0.0]], np.float32)
    answers = OUTCOME.decode(said)
    assert answers["label"].tolist() == ["<b>", "猫"]
    expected = np.exp(said[0].astype(np.float64)) / np.exp(said[0].astype(np.float64)).sum()
    np.testing.assert_allclose(answers["probabilities"], [expected, [1, 0, 0]], rtol=1e-6)
    assert answers["probabilities"].dtype == np.float32


def test_no_rows_are_no_answers() -> None:
    answers = OUTCOME.decode(np.zeros((0, 3), np.float32))
    assert (answers["label"].shape, answers["probabilities"].shape) == ((0,), (0, 3))
