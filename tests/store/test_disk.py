"""Walking and making folders."""

from __future__ import annotations

import os
from pathlib import Path

from dix.store.disk import make_folder, walk_files


def test_a_walk_follows_links_but_not_in_circles(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("1")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "linked").symlink_to(tmp_path / "real")
    (folder / "file").symlink_to(tmp_path / "real" / "a")
    (folder / "circle").symlink_to(folder)
    (folder / "broken").symlink_to(tmp_path / "missing")
    found = {os.path.relpath(path, folder): facts.st_size for path, facts in walk_files(str(folder))}
    assert found == {"linked/a": 1, "file": 1}


def test_a_walk_of_nothing_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list(walk_files(str(tmp_path / "missing"))) == []
    assert list(walk_files(str(tmp_path / "file"))) == []


def test_folders_are_made_with_those_above(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
