"""What a net's file offers: everything about one kind of net that training and answering need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import keras
import tensorflow as tf
from numpy.typing import NDArray
from pydantic import BaseModel

from dix.frameworks.training import TrainOrder

Batch: TypeAlias = Mapping[str, tf.Tensor]
Weights: TypeAlias = dict[str, NDArray[Any]]


class Build(Protocol):
    """Makes a net with first weights."""

    def __call__(self, spec: Any, preprocessing: Mapping[str, Any], seed: int = 0) -> keras.Model:
        """A net that takes a batch of the intake's tensors by name and `training`, and says [n, width of the outcome].

        All its weights are there, and their paths say where they are in it. It draws by chance from `seed` alone.
        """


class Augment(Protocol):
    """Changes a batch a little while training, so that the net learns what does not matter."""

    def __call__(self, batch: Batch, params: Mapping[str, Any], chance: tf.random.Generator) -> Batch:
        """The batch to learn from."""


class Fuse(Protocol):
    """Makes of a trained net one that answers the same, quicker."""

    def __call__(self, spec: Any, weights: Weights) -> tuple[Any, Weights]:
        """What to build it from, and with which weights."""


def _leave(spec: Any, weights: Weights) -> tuple[Any, Weights]:
    return spec, weights


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of net: its file ends with one of these, and `nets.py` finds it by the algorithm's name.

    `spec` is what the net is built from, as it lies in the card; `plan` makes it of an order and raises BadValue for
    parameters that do not go with the data. `build` makes the net of the spec and of the card's `preprocessing`.
    The tensors `of_steps` have more or fewer steps, their second dimension, from batch to batch.
    """

    spec: type[BaseModel]
    plan: Callable[[TrainOrder], BaseModel]
    build: Build
    augment: Augment | None = None
    fuse: Fuse = _leave
    of_steps: tuple[str, ...] = ()
