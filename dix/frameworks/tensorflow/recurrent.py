"""The LSTM and the plain recurrent net as designs: two nets (for classes, for forecasts) of two cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from dix.frameworks.intakes.texts import FIRST_WORD, UNKNOWN
from dix.frameworks.recurrent import RecurrentSpec, plan_recurrent
from dix.frameworks.tensorflow.design import Batch, Design
from dix.frameworks.tensorflow.device import use_full_precision
from dix.frameworks.tensorflow.forecast_net import ForecastNet
from dix.frameworks.tensorflow.layers import make_lstm, make_rnn
from dix.frameworks.tensorflow.recurrent_net import MakeCell, RecurrentNet


def _make_design(cell: MakeCell) -> Design:
    def build(spec: RecurrentSpec, preprocessing: Mapping[str, Any], seed: int = 0) -> keras.Model:  # noqa: ARG001
        # What is remembered goes through hundreds of additions, for which 16 bits are few.
        with use_full_precision():
            if spec.forecast is None:
                return RecurrentNet(cell, spec, seed)
            return ForecastNet(cell, spec, spec.forecast, seed)

    return Design(
        spec=RecurrentSpec, plan=plan_recurrent, build=build, augment=_change, of_steps=("tokens", "sequence")
    )


def _change(batch: Batch, params: Mapping[str, Any], chance: tf.random.Generator) -> Batch:
    """Make some words unknown ones, by chance, so that the net learns to do without any one of them; leave out the
    steps that no row of the batch has.
    """
    if "lengths" not in batch:
        return batch
    share, changed = params.get("word_dropout", 0.0), dict(batch)
    if share and "tokens" in batch:
        tokens = batch["tokens"]
        is_hidden = (chance.uniform(tf.shape(tokens)) < share) & (tokens >= FIRST_WORD)
        changed["tokens"] = tf.where(is_hidden, UNKNOWN, tokens)
    longest = tf.reduce_max(batch["lengths"])
    return {name: values if name == "lengths" else values[:, :longest] for name, values in changed.items()}


LSTM = _make_design(make_lstm)
RNN = _make_design(make_rnn)
