"""A folder is removed with all that is in it, whatever that is."""

from __future__ import annotations

import os
from pathlib import Path

from dix.engine.removal import remove_tree

DEEP = 10_000


def dig(folder: Path, levels: int) -> None:
    """Folders within folders, deeper than any path can say."""
    folder.mkdir()
    at = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("last", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def test_folders_within_folders_without_end_are_removed(tmp_path: Path) -> None:
    dig(tmp_path / "deep", DEEP)
    remove_tree(tmp_path / "deep")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_removed_and_what_links_lead_to_stays(tmp_path: Path) -> None:
    kept, gone = tmp_path / "kept", tmp_path / "gone"
    for folder in (kept, gone / "a" / "b", gone / "a" / "c"):
        folder.mkdir(parents=True)
        (folder / "file \udce4 \n").touch()
    (gone / "link").symlink_to(kept)
    (gone / "a" / "broken").symlink_to("nowhere")
    (gone / "a" / "b").chmod(0)
    (gone / "a").chmod(0o500)
    remove_tree(gone)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert len(list(kept.iterdir())) == 1


def test_what_is_not_there_or_no_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("nothing", "file", "link"):
        remove_tree(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kept", "link"]
