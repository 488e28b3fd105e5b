"""The optimisers: what makes of a gradient a step."""

from __future__ import annotations

import keras

from dix.errors import BadValue


def make_optimizer(
    name: str, net: keras.Model, learning_rate: float, weight_decay: float
) -> keras.optimizers.Optimizer:
    """`adam` (with decoupled decay, AdamW) or `sgd` (Nesterov momentum 0.9); raises BadValue otherwise."""
    decay = weight_decay or None
    if name == "adam":
        optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay, epsilon=1e-8)
    elif name == "sgd":
        optimizer = keras.optimizers.SGD(learning_rate, momentum=0.9, nesterov=True, weight_decay=decay)
    else:
        raise BadValue("optimizer", "adam or sgd", name)
    optimizer.build(net.trainable_variables)
    return optimizer
