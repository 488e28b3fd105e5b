"""What is added to what users have had lies with the user's own, and the card says how many there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from dix.frameworks.base import ModelCard
from dix.frameworks.card import read_card, write_card
from dix.frameworks.seen import add_seen


def test_events_are_added_to_each_user(tmp_path: Path) -> None:
    had = {"seen_ends": np.array([0, 2, 3, 3]), "seen_items": np.array([5, 6, 7]), "other": np.ones(2, np.float32)}
    save_file(had, tmp_path / "weights.safetensors")
    write_card(tmp_path, ModelCard("recommendation", "torch", (), (), net={"seen": 3, "size": 4}))
    add_seen(tmp_path, np.array([3, 1]), np.array([9, 8]))
    arrays = load_file(tmp_path / "weights.safetensors")
    assert arrays["seen_ends"].tolist() == [0, 3, 4, 5]
    assert arrays["seen_items"].tolist() == [5, 6, 8, 7, 9]
    assert arrays["other"].tolist() == [1, 1]
    assert read_card(tmp_path).net == {"seen": 5, "size": 4}
