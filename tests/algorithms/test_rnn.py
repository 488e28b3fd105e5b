"""The plain recurrent net as a step."""

from __future__ import annotations

import pytest

from dix.algorithms.rnn import Rnn
from dix.errors import NotYet
from dix.frameworks.lookup import load_predictor
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


def test_it_learns_and_comes_back(run_step: RunStep, store: Store) -> None:
    store.write_bytes("t.csv", ("text,label\n" + "so fine,a\nso dull,b\n" * 20).encode())
    params = {"epochs": 6, "hidden": 8, "embedding": 8, "learning_rate": 0.02, "batch_size": 8}
    ran = run_step(Rnn(), {"train": "t.csv"}, params=params, framework="torch")
    assert ran.result.metrics["valid_accuracy"] == 1.0
    assert load_predictor(ran.context.output("model")).card.algorithm == "rnn"
    with pytest.raises(NotYet, match="training rnn on tensorflow"):
        run_step(Rnn(), {"train": "t.csv"}, params=params, framework="tensorflow")
