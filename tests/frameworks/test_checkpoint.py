"""A checkpoint comes back as it was, and one that is damaged is as none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dix.frameworks.checkpoint import Checkpoint, load_checkpoint, name_arrays, save_checkpoint


def test_the_last_one_comes_back(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None
    for epoch in (1, 2):
        arrays = name_arrays("net", {"weight": np.full(3, epoch, np.float32)})
        save_checkpoint(tmp_path, Checkpoint({"epoch": epoch}, arrays))
    kept = load_checkpoint(tmp_path)
    assert kept is not None
    assert kept.facts == {"epoch": 2}
    assert kept.under("net")["weight"].tolist() == [2, 2, 2]
    assert kept.under("optimizer") == {}


def test_a_damaged_one_is_as_none(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, Checkpoint({}, {"a": np.zeros(2)}))
    (tmp_path / "epoch" / "arrays.safetensors").write_bytes(b"half")
    assert load_checkpoint(tmp_path) is None
