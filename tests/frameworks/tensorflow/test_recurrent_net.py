"""The recurrent net reads rows of all lengths side by side as that of torch reads each alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from dix.frameworks.recurrent import RecurrentSpec
from dix.frameworks.tensorflow.design import Weights
from dix.frameworks.tensorflow.layers import make_lstm, make_rnn
from dix.frameworks.tensorflow.recurrent_net import RecurrentNet
from dix.frameworks.tensorflow.saving import collect_weights, put_weights
from dix.frameworks.torch.recurrent_net import RecurrentNet as TorchNet

CELLS = {"lstm": (make_lstm, nn.LSTM), "rnn": (make_rnn, nn.RNN)}
LENGTHS = np.array([3, 5, 1])


@pytest.mark.parametrize(
    ("cell", "pooling", "both", "words"),
    [
        ("lstm", "max", True, 9),
        ("lstm", "last", True, 0),
        ("lstm", "mean", False, 0),
        ("rnn", "last", False, 9),
        ("rnn", "mean", True, 9),
    ],
)
def test_each_row_gets_the_answer_that_it_gets_alone_on_torch(cell: str, pooling: Any, both: bool, words: int) -> None:
    torch.manual_seed(0)
    made, kind = CELLS[cell]
    spec = RecurrentSpec(
        words=words, embedding=4, channels=3, hidden=5, layers=2, bidirectional=both, pooling=pooling, width=3
    )
    net, other = RecurrentNet(made, spec), TorchNet(kind, spec).eval()
    put_weights(net, name_weights(other, collect_weights(net)))
    batch = make_rows(words)
    together = net({name: tf.constant(values) for name, values in batch.items()}).numpy()
    for row, length in enumerate(LENGTHS):
        alone = {name: torch.from_numpy(values[row : row + 1]) for name, values in batch.items()}
        alone |= {name: values[:, :length] for name, values in alone.items() if name != "lengths"}
        with torch.no_grad():
            np.testing.assert_allclose(together[row], other(alone)[0].numpy(), rtol=1e-4, atol=1e-5)


def make_rows(words: int) -> dict[str, Any]:
    """Rows of `LENGTHS` steps, of one step more than any of them; beyond their ends stands what could be a step."""
    chance = np.random.default_rng(0)
    if words:
        return {"tokens": chance.integers(2, words, (3, 6)).astype(np.int32), "lengths": LENGTHS}
    return {"sequence": chance.normal(size=(3, 6, 3)).astype(np.float32), "lengths": LENGTHS}


def name_weights(other: nn.Module, mine: Weights) -> Weights:
    """The weights of a net of torch under the names that they have in one of TensorFlow."""
    weights = {name: values.detach().numpy() for name, values in other.state_dict().items()}
    found = dict(mine)
    for name in mine:
        layer, _, what = name.partition(".")
        way, _, place = layer.partition("_")
        if way in {"forwards", "backwards"}:
            torchs = f"stack.{way}.{place}"
            found[name] = {
                "kernel": lambda at=torchs: weights[f"{at}.weight_ih_l0"].T,
                "recurrent_kernel": lambda at=torchs: weights[f"{at}.weight_hh_l0"].T,
                "bias": lambda at=torchs: weights[f"{at}.bias_ih_l0"] + weights[f"{at}.bias_hh_l0"],
            }[what.rpartition(".")[2]]()
        elif layer == "embedding":
            found[name] = weights["embedding.weight"]
        elif layer == "head":
            found[name] = weights["head.weight"].T if what == "kernel" else weights["head.bias"]
    return found


def test_the_seed_alone_decides_on_the_first_weights() -> None:
    spec = RecurrentSpec(channels=2, hidden=3, width=2)
    first, again, other = (collect_weights(RecurrentNet(make_lstm, spec, seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["head.kernel"], other["head.kernel"])
