"""Committing on a file system that cannot swap two names in one step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dix.store import folder_commit
from dix.store.store import Store


@pytest.fixture(autouse=True)
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_commit, "exchange", lambda first, second: False)


def make(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "a").write_text(text)
    return folder


def test_a_later_commit_replaces_the_earlier_one(folder_store: Store, tmp_path: Path) -> None:
    for text in ("1", "2", "3"):
        folder_store.commit_folder(make(tmp_path / text, text), "x")
        assert folder_store.read_bytes("x/a") == text.encode()
    assert not any((tmp_path / "store" / "dix" / "staging").iterdir())


def test_a_sweep_brings_back_what_a_death_between_two_renames_took_away(folder_store: Store, tmp_path: Path) -> None:
    folder_store.commit_folder(make(tmp_path / "1", "1"), "x")
    pid = os.fork()
    if pid == 0:
        plain = folder_commit.rename_durably

        def rename(source: str, target: str) -> None:
            plain(source, target)
            if target.endswith("/old"):
                os._exit(9)

        folder_commit.rename_durably = rename  # type: ignore[assignment]
        folder_store.commit_folder(make(tmp_path / "2", "2"), "x")
        os._exit(0)
    assert os.WEXITSTATUS(os.waitpid(pid, 0)[1]) == 9
    assert not folder_store.exists("x")
    assert folder_store.sweep_staging(-60) == 1
    assert folder_store.read_bytes("x/a") == b"1"
    assert not any((tmp_path / "store" / "dix" / "staging").iterdir())


def test_a_commit_that_comes_between_two_looks_is_no_folder_of_loose_files(
    folder_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = iter([make(tmp_path / "other", "other")])
    plain = Path.is_file

    def is_file(path: Path) -> bool:
        answer = plain(path)
        if path.parent.name == "x" and (other := next(others, None)) is not None:
            folder_store.commit_folder(other, "x")
        return answer

    folder = make(tmp_path / "mine", "mine")
    monkeypatch.setattr(Path, "is_file", is_file)
    folder_store.commit_folder(folder, "x")
    assert folder_store.read_bytes("x/a") == b"mine"
