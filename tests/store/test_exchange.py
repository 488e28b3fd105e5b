"""Two names are swapped in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.store.exchange import exchange


def test_two_folders_swap_their_names_or_nothing_changes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    # Where the file system cannot (some overlays, NFS), it must say so and change nothing.
    swapped = exchange(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "a" / "b").exists() == swapped
    assert (tmp_path / "b" / "a").exists() == swapped
    assert (tmp_path / "a" / "a").exists() != swapped


def test_what_is_not_there_cannot_be_swapped(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(str(tmp_path / "a"), str(tmp_path / "b"))
