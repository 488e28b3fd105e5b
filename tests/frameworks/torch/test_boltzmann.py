"""A machine learns the distribution of what it is shown."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM
from torch import nn

from dix.frameworks.torch.boltzmann import GreedyPlan, train_layers

PLAN = GreedyPlan(epochs=15, batch_size=32, learning_rate=0.05, steps=1, weight_decay=0.0002, seed=0)


def test_the_first_layer_is_as_likely_as_that_of_another_implementation() -> None:
    data = (load_digits().data[:600] / 16).astype(np.float32)
    layer, told = nn.Linear(64, 32), []
    errors = train_layers([layer], torch.from_numpy(data), PLAN, lambda *row: told.append(row))
    assert [row[:2] for row in told] == [(1, epoch) for epoch in range(1, 16)]
    assert told[-1][2] == errors[0] < 0.6 * told[0][2]
    theirs = BernoulliRBM(32, learning_rate=0.05, batch_size=32, n_iter=15, random_state=0).fit(data)
    hidden = theirs.transform(data)
    on = np.random.default_rng(0).random(hidden.shape) < hidden
    again = 1 / (1 + np.exp(-(on @ theirs.components_ + theirs.intercept_visible_)))
    assert errors[0] < 1.1 * np.square(data - again).mean()


def test_the_same_seed_gives_the_same_weights_and_more_steps_others() -> None:
    data = torch.from_numpy((load_digits().data[:100] / 16).astype(np.float32))
    weights = []
    for steps in (1, 1, 3):
        layers = [nn.Linear(64, 8), nn.Linear(8, 4)]
        plan = GreedyPlan(2, 32, 0.05, steps, 0.0, 3)
        assert len(train_layers(layers, data, plan, lambda *_: None)) == 2
        weights.append(layers[1].weight.detach())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
