"""A trained TensorFlow net that answers batches."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from pydantic import ValidationError

from dix.errors import BadModel
from dix.frameworks.base import Columns, ModelCard, Predictor
from dix.frameworks.card import read_card
from dix.frameworks.checking import check_input
from dix.frameworks.intakes.base import Intake
from dix.frameworks.intakes.lookup import read_intake
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.lookup import read_outcome
from dix.frameworks.tensorflow.design import Batch
from dix.frameworks.tensorflow.device import use_mixed_precision
from dix.frameworks.tensorflow.nets import NETS, find_design
from dix.frameworks.tensorflow.saving import load_weights, put_weights

# As many rows a pass: enough to fill the cores, few enough to stay in their caches.
_PASS = 128


class TensorflowPredictor:
    """A net in evaluation mode, as one graph that takes any number of rows, of any number of steps; see `Predictor`."""

    def __init__(
        self, card: ModelCard, intake: Intake, net: keras.Model, outcome: Outcome, of_steps: Collection[str]
    ) -> None:
        """`of_steps` are those of the net's design."""
        self._card = card
        self._intake = intake
        self._net = net
        self._outcome = outcome
        self._of_steps = of_steps
        self._graph: Any = None  # made with the first question

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        raw = {spec.name: check_input(spec, columns) for spec in self._card.inputs}
        count = len(next(iter(raw.values())))
        if count == 0:
            return self._outcome.decode(np.zeros((0, self._outcome.width), dtype=np.float32))
        tensors = self._intake.prepare(raw)
        said = [
            self._ask({name: values[start : start + _PASS] for name, values in tensors.items()})
            for start in range(0, count, _PASS)
        ]
        return self._outcome.decode(said[0] if len(said) == 1 else np.concatenate(said))

    def _ask(self, batch: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        if self._graph is None:
            specs = {name: self._describe(name, values) for name, values in batch.items()}
            function = tf.function(self._say, input_signature=[specs], autograph=False)
            self._graph = function.get_concrete_function()  # asked itself, nobody counts how many models there are
        said: NDArray[np.float32] = self._graph(
            {name: tf.convert_to_tensor(values) for name, values in batch.items()}
        ).numpy()
        return said

    def _describe(self, name: str, values: NDArray[Any]) -> tf.TensorSpec:
        free = 2 if name in self._of_steps else 1
        return tf.TensorSpec((*[None] * free, *values.shape[free:]), values.dtype)

    def _say(self, batch: Batch) -> tf.Tensor:
        return tf.cast(self._net(batch, training=False), tf.float32)


def load_predictor(folder: Path) -> Predictor:
    """Load a model folder that TensorFlow wrote; raises BadModel."""
    card, uri = read_card(folder), str(folder)
    if card.algorithm not in NETS:
        raise BadModel(uri, f"a tensorflow model of the algorithm {card.algorithm!r} is not known")
    intake, outcome, design = read_intake(uri, card), read_outcome(uri, card), find_design(card.algorithm)
    try:
        spec = design.spec.model_validate(card.net)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadModel(uri, f"net.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    weights = load_weights(folder, partial(design.build, spec, card.preprocessing))
    spec, weights = design.fuse(spec, weights)
    with use_mixed_precision():
        net = design.build(spec, card.preprocessing)
    put_weights(net, weights)
    return TensorflowPredictor(card, intake, net, outcome, design.of_steps)
