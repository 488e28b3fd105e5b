"""A card survives its file, and a file that is no card is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadModel
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import read_card, write_card

CARD = ModelCard(
    algorithm="cnn",
    framework="torch",
    inputs=(TensorSpec("image", "UINT8", (-1, 8, 8)),),
    outputs=(TensorSpec("label", "BYTES", (-1,)),),
    labels=("猫", "dog"),
    preprocessing={"scale": 255.0},
    net={"height": 8},
    params={"epochs": 3, "channels": [1, 2]},
    metrics={"accuracy": 0.5},
)


def test_a_card_comes_back_as_it_was(tmp_path: Path) -> None:
    write_card(tmp_path, CARD)
    assert read_card(tmp_path) == CARD


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"it has no model\.json"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("text", "where"), [("", "text"), ("{}", "algorithm"), ('{"algorithm": 3}', "algorithm"), ("[1]", "text")]
)
def test_what_is_no_card_says_where(tmp_path: Path, text: str, where: str) -> None:
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(BadModel, match=rf"model\.json is no model card: {where}"):
        read_card(tmp_path)
