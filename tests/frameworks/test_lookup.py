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


@pytest.mark.parametrize("framework", ["tensorflow"])
def test_a_framework_to_come_says_so(tmp_path: Path, framework: str) -> None:
    write_card(tmp_path, replace(CARD, framework=framework))
    with pytest.raises(NotYet, match=f"answering with a {framework} model is not there yet"):
        load_predictor(tmp_path)
    with pytest.raises(NotYet, match=f"training cnn on {framework} is not there yet"):
        find_trainer("cnn", framework)


def test_an_unknown_framework_is_a_bad_model(tmp_path: Path) -> None:
    write_card(tmp_path, replace(CARD, framework="abacus"))
    with pytest.raises(BadModel, match="its framework is 'abacus'"):
        load_predictor(tmp_path)
