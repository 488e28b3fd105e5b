"""What a script has left is described in a process of its own."""

from __future__ import annotations

from pathlib import Path

import torch

from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import read_card, write_card
from dix.frameworks.programs.describe import describe_program


def test_the_card_says_what_a_program_takes_and_gives(tmp_path: Path) -> None:
    net = {"file": "files/net.pt2"}
    write_card(tmp_path, ModelCard("script", "torch", (), (), net=net, format="torch.export", loading="code"))
    (tmp_path / "files").mkdir()
    torch.export.save(torch.export.export(torch.nn.Linear(4, 2), (torch.zeros(1, 4),)), tmp_path / "files" / "net.pt2")
    assert describe_program(tmp_path, "torch.export") is None
    assert read_card(tmp_path).inputs == (TensorSpec("input", "FP32", (-1, 4)),)
    (tmp_path / "files" / "net.pt2").write_bytes(b"broken")
    unknown = describe_program(tmp_path, "torch.export")
    assert unknown is not None
    assert "torch cannot load it" in unknown


def test_what_says_nothing_of_itself_is_left_alone(tmp_path: Path) -> None:
    assert describe_program(tmp_path, "pickle") is None
