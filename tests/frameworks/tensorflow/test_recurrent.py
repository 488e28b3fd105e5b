"""A training on texts hides some of the words, and reads no steps that no row has."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dix.frameworks.tensorflow.recurrent import LSTM


def test_a_share_of_the_known_words_is_made_unknown() -> None:
    assert LSTM.augment is not None
    tokens = np.tile(np.array([0, 1, 2, 3, 0], np.int32), (500, 1))
    batch = {"tokens": tf.constant(tokens), "lengths": tf.fill([500], 4)}
    hidden = LSTM.augment(batch, {"word_dropout": 0.2}, tf.random.Generator.from_seed(0))["tokens"].numpy()
    is_hidden = hidden != tokens[:, :4]
    assert (hidden[is_hidden] == 1).all()
    assert not is_hidden[:, :2].any()
    assert 0.15 < is_hidden[:, 2:].mean() < 0.25
