"""What lies in a folder is measured, however it was made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.engine.watch import list_sizes

DEPTH = 1100  # deeper than calls may go


@pytest.fixture
def deep_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folders within folders, with a file at the bottom; taken away step by step, for others would call themselves."""
    monkeypatch.chdir(tmp_path)
    for _ in range(DEPTH):
        Path("d").mkdir()
        os.chdir("d")
    Path("file").write_bytes(b"x" * 10_000)
    yield tmp_path
    Path("file").unlink()
    for _ in range(DEPTH):
        os.chdir("..")
        Path("d").rmdir()


def test_folders_within_folders_without_end_are_measured(deep_folder: Path) -> None:
    assert sum(list_sizes(deep_folder)) >= 10_000
