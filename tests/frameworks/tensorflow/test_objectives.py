"""What training makes small, against the same by numpy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dix.frameworks.tensorflow.objectives import ClassesObjective, NumbersObjective

SAID = tf.constant([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
LOSSES = np.log1p(np.exp([-2.0, -1.0, 2.0]))


def test_classes_count_by_their_weights() -> None:
    targets = tf.constant([0, 1, 1], tf.int64)
    assert ClassesObjective(None).loss(SAID, targets).numpy() == pytest.approx(LOSSES.mean())
    weighted = ClassesObjective([3.0, 1.0]).loss(SAID, targets).numpy()
    assert weighted == pytest.approx((LOSSES * [3, 1, 1]).sum() / 5)
    measured = ClassesObjective([3.0, 1.0]).measure(SAID, targets)
    assert measured["loss"].numpy() == pytest.approx(LOSSES.sum())
    assert measured["accuracy"].numpy() == 2


def test_numbers_are_measured_in_units_of_the_data() -> None:
    objective = NumbersObjective((10.0, 0.0), (2.0, 1.0))
    targets = tf.constant([[10.0, 0.0], [14.0, 1.0], [16.0, 1.0]])
    apart = SAID.numpy() - [[0, 0], [2, 1], [3, 1]]
    assert objective.loss(SAID, targets).numpy() == pytest.approx(np.square(apart).mean())
    measured = objective.measure(SAID, targets)
    assert measured["loss"].numpy() == pytest.approx(np.square(apart).mean(1).sum())
    assert measured["mae"].numpy() == pytest.approx((np.abs(apart) * [2, 1]).mean(1).sum())
