"""What is visible in folders that others made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dix.errors import BadData, StoreError
from dix.store.store import Store


def test_an_empty_folder_holds_nothing(folder_store: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "a" / "b").mkdir(parents=True)
    assert not folder_store.exists("a")
    (tmp_path / "store" / "c").touch()
    assert folder_store.list_folder(folder_store.url).folders == ()


def test_a_name_that_is_no_text_is_said(folder_store: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "a").mkdir(parents=True)
    Path(os.fsdecode(bytes(tmp_path / "store" / "a") + b"/\xff")).touch()
    with pytest.raises(BadData, match="rename it"):
        folder_store.list_files("a")


def test_a_manifest_that_is_not_ours_is_said(folder_store: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "a").mkdir(parents=True)
    (tmp_path / "store" / "a" / "_dix.json").write_text("{}")
    with pytest.raises(StoreError, match=r"_dix\.json cannot be read"):
        folder_store.list_files("a")


def test_files_added_by_hand_to_a_committed_folder_do_not_count(folder_store: Store, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a").touch()
    folder_store.commit_folder(tmp_path / "src", "x")
    (tmp_path / "store" / "x" / "b").touch()
    assert [file.path for file in folder_store.list_files("x")] == ["a"]
    assert not folder_store.exists("x/b")
