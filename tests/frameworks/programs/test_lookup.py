"""Nothing that runs code is loaded without trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.programs.lookup import load_program


@pytest.mark.parametrize("format", ["torch.export", "savedmodel"])
def test_code_is_not_run_without_trust(tmp_path: Path, format: str) -> None:
    (tmp_path / "net").write_bytes(b"x")
    with pytest.raises(BadModel, match=f"nothing here loads {format}"):
        load_program(tmp_path, ModelCard("script", "torch", (), (), net={"file": "net"}, format=format))


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="it has no files/net"):
        load_program(tmp_path, ModelCard("script", "torch", (), (), net={"file": "files/net"}, format="keras"))
