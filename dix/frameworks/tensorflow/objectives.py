"""What a training makes small, and the numbers that it tells of each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tensorflow as tf

from dix.frameworks.fitting import FitPlan, weigh_classes
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.outcomes.numbers import NumbersOutcome
from dix.frameworks.training import Examples


class Objective(Protocol):
    """Tells how far what the net says [n, width] is from the targets [n, ...]."""

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the numbers that it measures."""

    def loss(self, said: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """The mean over the rows, which training makes small."""

    def weigh(self, targets: tf.Tensor) -> tf.Tensor:
        """What rows with these targets count for in the mean over a batch that they are a part of."""

    def measure(self, said: tf.Tensor, targets: tf.Tensor) -> dict[str, tf.Tensor]:
        """Sums over the rows, by name: divided by the rows they are an epoch's numbers; `loss` is there, unweighted."""


class ClassesObjective:
    """Cross entropy, each class with its weight; `accuracy` is the share of the rows that are told right."""

    names = ("loss", "accuracy")

    def __init__(self, weights: Sequence[float] | None) -> None:
        self._weights = weights

    def loss(self, said: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, said)
        if self._weights is None:
            return tf.reduce_mean(losses)
        weights = tf.gather(tf.constant(self._weights, tf.float32), targets)
        return tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)

    def weigh(self, targets: tf.Tensor) -> tf.Tensor:
        if self._weights is None:
            return _count_rows(targets)
        return tf.reduce_sum(tf.gather(tf.constant(self._weights, tf.float32), targets))

    def measure(self, said: tf.Tensor, targets: tf.Tensor) -> dict[str, tf.Tensor]:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, said)
        is_right = tf.equal(tf.argmax(said, axis=1, output_type=targets.dtype), targets)
        return {"loss": tf.reduce_sum(losses), "accuracy": tf.reduce_sum(tf.cast(is_right, tf.float32))}


class NumbersObjective:
    """The squared difference of normalised numbers; `mae` is the mean absolute difference in units of the data."""

    names = ("loss", "mae")

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        self._mean = mean
        self._std = std

    def loss(self, said: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.square(self._measure_apart(said, targets)))

    def weigh(self, targets: tf.Tensor) -> tf.Tensor:
        return _count_rows(targets)

    def measure(self, said: tf.Tensor, targets: tf.Tensor) -> dict[str, tf.Tensor]:
        apart = self._measure_apart(said, targets)
        loss = tf.reduce_sum(tf.reduce_mean(tf.square(apart), axis=1))
        mae = tf.reduce_sum(tf.reduce_mean(tf.abs(apart) * tf.constant(self._std, tf.float32), axis=1))
        return {"loss": loss, "mae": mae}

    def _measure_apart(self, said: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        return said - (targets - tf.constant(self._mean, tf.float32)) / tf.constant(self._std, tf.float32)


def make_objective(outcome: Outcome, train: Examples, plan: FitPlan) -> Objective:
    """What an outcome is trained for."""
    if isinstance(outcome, ClassesOutcome):
        weights = weigh_classes(train.targets, outcome.width) if plan.class_weights == "balanced" else None
        return ClassesObjective(weights.tolist() if weights is not None else None)
    if isinstance(outcome, NumbersOutcome):
        return NumbersObjective(outcome.mean, outcome.std)
    raise TypeError(f"nothing is known to train {type(outcome).__name__} for")


def _count_rows(targets: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.shape(targets)[0], tf.float32)
