"""Frameworks are found by name, those to come say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dix.errors import BadModel, NotYet
from dix.frameworks.base import ModelCard
from dix.frameworks.card import write_card
from dix.frameworks.lookup import find_trainer, load_predictor

CARD = ModelCard(algorithm="cnn", framework="torch", inputs=(), outputs=())


@pytest.mark.parametrize(("algorithm", "framework"), [("dbn", "caffe"), ("abacus", "tensorflow"), ("abacus", "torch")])
def test_a_training_to_come_says_so(algorithm: str, framework: str) -> None:
    with pytest.raises(NotYet, match=f"training {algorithm} on {framework} is not there yet"):
        find_trainer(algorithm, framework)


def test_an_unknown_framework_is_a_bad_model(tmp_path: Path) -> None:
    write_card(tmp_path, replace(CARD, framework="abacus"))
    with pytest.raises(BadModel, match="its framework is 'abacus'"):
        load_predictor(tmp_path)
