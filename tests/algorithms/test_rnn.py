"""The plain recurrent net as a step."""

from __future__ import annotations

import pytest

from dix.algorithms.rnn import Rnn
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_it_learns_and_comes_back(run_step: RunStep, store: Store, framework: str) -> None:
    store.write_bytes("t.csv", ("text,label\n" + "so fine,a\nso dull,b\n" * 20).encode())
    params = {"epochs": 6, "hidden": 8, "embedding": 8, "learning_rate": 0.02, "batch_size": 8}
    ran = run_step(Rnn(), {"train": "t.csv"}, params=params, framework=framework)
    assert ran.result.metrics["valid_accuracy"] == 1.0
    card = load_predictor(ran.context.output("model")).card
    assert (card.algorithm, card.framework) == ("rnn", framework)
